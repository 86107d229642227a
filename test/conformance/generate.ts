import fc, { type Arbitrary } from 'fast-check'
import { actions } from './generate-actions'
import { routes } from './generate-routes'
import { asks, requestsTo } from './generate-requests'
import { ERROR_CLASSES, type Config, type Key, type Kind, type Method, type Program, type Scope } from './program'
import { withoutDuplicates } from './valid'

const chance = (percent: number): Arbitrary<boolean> =>
  fc.oneof({ weight: 100 - percent, arbitrary: fc.constant(false) }, { weight: percent, arbitrary: fc.constant(true) })

const config: Arbitrary<Config> = fc.record({
  secret: chance(85),
  propagate: fc.oneof(
    { weight: 8, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
  testing: chance(6),
  debug: chance(6),
  trap: chance(10),
  afterOnUnhandled: fc.boolean(),
  preserve: chance(15),
})

const key: Arbitrary<Key> = fc.constantFrom<Key>(...ERROR_CLASSES, 'Base', 'Base', 403, 404, 404, 405, 409, 500, 500)

const kinds: Arbitrary<Kind> = fc.constantFrom<Kind>(
  ...(['before', 'before', 'after', 'after', 'teardown', 'error', 'error', 'preprocess', 'first'] as Kind[]),
  ...(['view', 'view', 'view', 'view'] as Kind[]),
)

/** A method without its name. */
const method: Arbitrary<Omit<Method, 'name'>> = fc.tuple(kinds, chance(20)).chain(([kind, wide]) => {
  const appWide = wide && ['before', 'after', 'teardown', 'error'].includes(kind)
  const base = { kind: fc.constant(kind), appWide: fc.constant(appWide), steps: actions(kind) }
  if (kind === 'error') return fc.record({ ...base, key })
  if (kind === 'view') return fc.record({ ...base, routes })
  return fc.record(base)
})

interface Tree {
  readonly prefix: string
  readonly methods: readonly Omit<Method, 'name'>[]
  readonly blueprints: readonly Tree[]
}

const PREFIXES = ['', '', '/a', '/b', '/a/', '/b/c', '/<int:p>', '/<p>'] as const

function tree(depth: number): Arbitrary<Tree> {
  return fc.record({
    prefix: depth === 0 ? fc.constant('') : fc.constantFrom(...PREFIXES),
    methods: fc.array(method, { minLength: 1, maxLength: 7, size: 'max' }),
    blueprints:
      depth === 3
        ? fc.constant([])
        : fc.oneof(
            { weight: 3, arbitrary: fc.constant([]) },
            { weight: 3, arbitrary: fc.array(tree(depth + 1), { maxLength: 2, size: 'max' }) },
          ),
  })
}

/** Names by place, so that all differ, and variables of prefixes too. */
function named({ prefix, methods, blueprints }: Tree, name = 'App'): Scope {
  return {
    name,
    prefix: prefix.replace(/\bp>/, `p${name}>`),
    methods: methods.map((each, index) => ({ ...each, name: `m${index}` })),
    blueprints: blueprints.map((each, index) => named(each, name === 'App' ? `B${index}` : `${name}${index}`)),
  }
}

export const programs: Arbitrary<Program> = fc.record({ config, tree: tree(0), asks }).map(({ config, tree, asks }) => {
  const app = withoutDuplicates(named(tree))
  return { config, app, requests: requestsTo(app, asks) }
})
