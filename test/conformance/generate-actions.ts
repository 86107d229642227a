import fc, { type Arbitrary } from 'fast-check'
import type { Chunk, Json, Kind, Raised, Step, Value } from './program'

const key = fc.constantFrom('k', 'l')
const json: Arbitrary<Json> = fc.constantFrom<Json>(1, 0, 'x', '', true, false, null, [], [1, 2], { a: 1 })
const code = fc.constantFrom(403, 404, 405, 409, 418, 500, 503)

const text = fc.constantFrom('', 'hello', 'é<b>')
const chunk: Arbitrary<Chunk> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('text' as const), text: fc.constantFrom('one', 'two', 'é', '') }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('g' as const, 'session' as const), key }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'fail' as const }) },
)

const good: Arbitrary<Value> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('text' as const), text }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('bytes' as const), text }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('json' as const),
      json: fc.constantFrom<Json>({}, [], { a: 'é' }, [1, [2]]),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('stream' as const),
      chunks: fc.array(chunk, { maxLength: 3, size: 'max' }),
      context: fc.boolean(),
    }),
  },
)

const bad: Arbitrary<Value> = fc.record({
  kind: fc.constantFrom(...(['none', 'none', 'zero', 'false', 'true', 'number', 'unserialisable'] as const)),
})

const response: Arbitrary<Value> = fc.record({
  kind: fc.constant('response' as const),
  body: fc.oneof({ weight: 9, arbitrary: good }, { weight: 1, arbitrary: bad }),
  status: fc.constantFrom(null, null, 200, 201, 202, 404, 418, 500),
  headers: fc.constantFrom({}, {}, { 'X-Made': '1' }, { 'X-Made': '2', 'Content-Type': 'text/plain; charset=utf-8' }),
})

const holdsContext = (value: Value): boolean =>
  value.kind === 'response' && value.body.kind === 'stream' && value.body.context

const value: Arbitrary<Value> = fc.oneof(
  { weight: 10, arbitrary: good },
  { weight: 2, arbitrary: response },
  { weight: 1, arbitrary: bad },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('httpError' as const), code }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('redirect' as const),
      url: fc.constantFrom('/', '/a?b=1', 'http://other.example/'),
      code: fc.constantFrom(301, 302, 303, 307, 308),
    }),
  },
)

const raised: Arbitrary<Raised> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        ...(['Base', 'Derived', 'Derived', 'Missing', 'Missing', 'TypeError', 'Exception'] as const),
      ),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('abort' as const), code }) },
  // No stream: Werkzeug asks an aborting response for its first chunk while it makes it a response.
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('abortResponse' as const),
      value: good.filter(({ kind }) => kind !== 'stream'),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'value' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'again' as const }) },
)
const raise: Arbitrary<Step> = fc.record({ do: fc.constant('raise' as const), error: raised, once: fc.boolean() })

const state: Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('g.set' as const, 'session.set' as const), key, value: json }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('g.get' as const, 'session.get' as const, 'session.has' as const, 'session.delete' as const),
      key,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('session.permanent' as const), value: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('session.clear' as const) }) },
)
const poison: Arbitrary<Step> = fc.constant({ do: 'session.poison' })

const onResponse: Arbitrary<Step> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('status' as const), status: fc.constantFrom(200, 201, 202, 404) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('header' as const),
      name: fc.constantFrom('X-A', 'X-B'),
      value: fc.constantFrom('1', '2'),
    }),
  },
  {
    weight: 1,
    // A stream with the context that one hook makes and another replaces may or may not be read.
    arbitrary: fc.record({
      do: fc.constant('replace' as const),
      value: response.filter(value => !holdsContext(value)),
    }),
  },
)

const onValues: Arbitrary<Step> = fc.oneof(
  // Without values it raises.
  fc.record({ do: fc.constant('values.set' as const), key: fc.constantFrom('x0', 'added'), value: json }),
  fc.record({ do: fc.constant('values.pop' as const), key: fc.constantFrom('x0', 'x1') }),
)

/** Functions for this request's response, which may add others. */
const afterThis = (depth: number): Arbitrary<Step> =>
  fc.record({ do: fc.constant('afterThis' as const), steps: responseSteps(depth + 1) })

const responseSteps = (depth: number): Arbitrary<Step[]> =>
  steps(
    [
      { weight: 4, arbitrary: onResponse },
      { weight: 3, arbitrary: state },
      ...(depth < 3 ? [{ weight: 1, arbitrary: afterThis(depth) }] : []),
    ],
    { percent: 8, arbitrary: fc.oneof(raise, poison, fc.record({ do: fc.constant('return' as const), value: bad })) },
  )

interface Weighted {
  readonly weight: number
  readonly arbitrary: Arbitrary<Step>
}

/** Up to three steps, and in so many per cent of all cases one at the end. */
function steps(some: Weighted[], last: { percent: number; arbitrary: Arbitrary<Step> }): Arbitrary<Step[]> {
  return fc
    .tuple(
      fc.array(fc.oneof(...some), { maxLength: 3 }),
      fc.oneof(
        { weight: 100 - last.percent, arbitrary: fc.constant([]) },
        { weight: last.percent, arbitrary: last.arbitrary.map(step => [step]) },
      ),
    )
    .map(parts => parts.flat())
}

const give: Arbitrary<Step> = fc.record({ do: fc.constant('return' as const), value })
/** What a method that tests for truth would take for nothing. */
const falsy: Arbitrary<Step> = fc.constantFrom<Step>(
  { do: 'return', value: { kind: 'zero' } },
  { do: 'return', value: { kind: 'false' } },
  { do: 'return', value: { kind: 'text', text: '' } },
)
const usual: Weighted[] = [
  { weight: 12, arbitrary: state },
  { weight: 2, arbitrary: afterThis(0) },
]
const poisonous = { weight: 1, arbitrary: poison }

/** What a method of a kind does. */
export function actions(kind: Kind): Arbitrary<Step[]> {
  switch (kind) {
    case 'first':
    case 'teardown':
      return steps(usual, { percent: 12, arbitrary: raise })
    case 'preprocess':
      return steps([...usual, { weight: 6, arbitrary: onValues }], { percent: 5, arbitrary: raise })
    case 'before':
      return steps(usual, { percent: 16, arbitrary: fc.oneof(raise, give, falsy) })
    case 'after':
      return responseSteps(0)
    case 'view':
      return steps([...usual, poisonous], {
        percent: 96,
        arbitrary: fc.oneof({ weight: 6, arbitrary: give }, { weight: 4, arbitrary: raise }),
      })
    case 'error':
      return steps(usual, {
        percent: 95,
        arbitrary: fc.oneof({ weight: 5, arbitrary: give }, { weight: 2, arbitrary: raise }),
      })
  }
}
