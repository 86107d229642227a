import fc, { type Arbitrary } from 'fast-check'
import type { Route } from './program'

const CONVERTERS = [
  '<x>',
  '<int:x>',
  '<float:x>',
  '<path:x>',
  '<uuid:x>',
  '<any(a,b):x>',
  '<string(length=2):x>',
  '<string(minlength=2, maxlength=3):x>',
  '<int(min=2, max=9):x>',
  '<int(signed=True):x>',
  '<int(fixed_digits=2):x>',
] as const

const segment = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'c') },
  { weight: 3, arbitrary: fc.constantFrom(...CONVERTERS) },
  { weight: 1, arbitrary: fc.constantFrom('v<int:x>', '<x>-<y>', 'a<x>', '<x>.b') },
)

const rule: Arbitrary<string> = fc
  .tuple(fc.array(segment, { maxLength: 3, size: 'max' }), fc.boolean())
  .map(([segments, slash]) => `/${segments.map(distinct).join('/')}${slash && segments.length > 0 ? '/' : ''}`)

/** Variables of one rule differ: the second x is x1. */
const distinct = (text: string, index: number): string => text.replace(/\b([xy])>/g, `$1${index}>`)

const METHODS = [
  ...[['GET'], ['GET'], ['GET'], ['POST'], ['GET', 'POST'], ['PUT', 'DELETE'], ['HEAD'], ['GET', 'OPTIONS'], ['patch']],
]

const route: Arbitrary<Route> = fc.record({
  rule,
  methods: fc.constantFrom(...METHODS),
  strictSlashes: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  automaticOptions: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  defaults: fc.oneof({ weight: 9, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: fc.constant({ d: 1 }) }),
})

/** Of two rules of one view none has defaults: Werkzeug would redirect from one to the other. */
export const routes: Arbitrary<Route[]> = fc
  .array(route, { minLength: 1, maxLength: 2, size: 'max' })
  .map(list => (list.length === 1 ? list : list.map(each => ({ ...each, defaults: {} }))))
