import fc, { type Arbitrary } from 'fast-check'
import type { Request, Scope } from './program'
import { join } from './valid'

const TEXTS = [
  'a',
  'b',
  'c',
  '7',
  '05',
  '42',
  '-3',
  '1.5',
  'ab',
  'a.b',
  'a-b',
  '%C3%A9',
  'x%20y',
  'a/b',
  'a/7/b',
  'v7',
  '',
]
const UUID = '1b4e28ba-2fa1-11d2-883f-0016d3cca427'

interface Choice {
  /** Which rule, of all. */
  readonly rule: number
  /** What the variables are filled with: mostly what they take. */
  readonly fits: boolean
  readonly texts: readonly string[]
  readonly twist: (typeof TWISTS)[number]
  readonly query: string
}

const TWISTS = [
  'none',
  'none',
  'none',
  'none',
  'none',
  'none',
  'slash',
  'no slash',
  'double',
  'treble',
  'leading',
  'below',
] as const

const choice: Arbitrary<Choice> = fc.record({
  rule: fc.nat(40),
  fits: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  texts: fc.array(fc.constantFrom(...TEXTS), { minLength: 4, maxLength: 4 }),
  twist: fc.constantFrom(...TWISTS),
  query: fc.constantFrom('', '', '', '?q=1&r=%20'),
})

const UNKNOWN = ['/', '/none', '/a/none', '/b/', '/a/b/c', '/7', '/a//b', '/1/2'] as const

interface Ask {
  /** `undefined`: one that the rule takes. */
  readonly method: string | undefined
  readonly choice: Choice
  readonly unknown: (typeof UNKNOWN)[number] | undefined
  readonly cookies: Request['cookies']
}

/** Requests before it is known which rules there are. */
export const asks: Arbitrary<Ask[]> = fc.array(
  fc.record({
    method: fc.oneof(
      { weight: 7, arbitrary: fc.constant(undefined) },
      { weight: 3, arbitrary: fc.constantFrom('GET', 'HEAD', 'OPTIONS', 'OPTIONS', 'POST', 'PUT', 'PATCH') },
    ),
    choice,
    unknown: fc.oneof(
      { weight: 6, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom(...UNKNOWN) },
    ),
    cookies: fc.constantFrom(...(['kept', 'kept', 'kept', 'kept', 'none', 'forged'] as const)),
  }),
  { minLength: 1, maxLength: 6, size: 'max' },
)

export function requestsTo(app: Scope, asked: readonly Ask[]): Request[] {
  const routes = routesOf(app, '')
  return asked.map(({ method, choice, unknown, cookies }) => {
    const { rule, methods } = routes[choice.rule % routes.length] ?? { rule: '/', methods: ['GET'] }
    const fitting = methods[choice.texts.length % methods.length] as string
    return { method: method ?? fitting.toUpperCase(), url: unknown ?? urlOf(rule, choice), cookies }
  })
}

const routesOf = (scope: Scope, prefix: string): { rule: string; methods: readonly string[] }[] => [
  ...scope.methods.flatMap(({ routes = [] }) =>
    routes.map(({ rule, methods }) => ({ rule: join(prefix, rule), methods })),
  ),
  ...scope.blueprints.flatMap(nested => routesOf(nested, join(prefix, nested.prefix))),
]

function urlOf(rule: string, { fits, texts, twist, query }: Choice): string {
  let used = 0
  const path = rule.replace(/<(?:(\w+)(?:\(([^)]*)\))?:)?\w+>/g, (...found) => {
    const text = texts[used++ % texts.length] as string
    return fits ? fitting(found[1] as string | undefined, found[2] as string | undefined, text) : text
  })
  return twisted(path, twist) + query
}

function fitting(converter = 'string', args = '', text: string): string {
  const digits = text.replace(/\D/g, '') || '3'
  if (converter === 'uuid') return UUID
  if (converter === 'any') return text.includes('b') ? 'b' : 'a'
  if (converter === 'int') return args.startsWith('fixed') ? '07' : args.startsWith('signed') ? `-${digits}` : digits
  if (converter === 'float') return `${digits}.5`
  if (converter === 'path') return text.replace(/^\/+|\/+$/g, '') || 'p/q'
  return args === '' ? text.replaceAll('/', '') || 's' : 'st'
}

function twisted(path: string, twist: Choice['twist']): string {
  if (twist === 'slash') return `${path}/`
  if (twist === 'no slash') return path.replace(/(.)\/$/, '$1')
  if (twist === 'double') return path.replace(/(.)\//, '$1//')
  if (twist === 'treble') return path.replace(/(.)\//, '$1///')
  if (twist === 'leading') return `/${path}`
  return twist === 'below' ? `${path.replace(/\/$/, '')}/none` : path
}
