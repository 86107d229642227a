// What pino writes of an error: a logger, and a child of one, get the error itself, with its causes and its errors.
import assert from 'node:assert/strict'
import { Get, bootstrap, decorate } from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import pino from 'pino'

const cause = new Error('the database')
const errors = {
  '/cause': () => new Error('outside', { cause }),
  '/errors': () => new AggregateError([new Error('one'), new RangeError('two')], 'both', { cause }),
  // pino marks the errors that it has seen, and can't mark this one.
  '/frozen': () => Object.freeze(new Error('frozen', { cause })),
}

class App {
  fails(ctx) {
    throw errors[ctx.path]()
  }
}
decorate(App, { fails: Object.keys(errors).map(path => Get(path)) })

const lines = []
const serializers = { ctx: ({ method, path }) => ({ method, path }) }
const logger = pino({ serializers }, { write: line => lines.push(JSON.parse(line)) })
for (const each of [logger, logger.child({ part: 'web' })]) {
  const client = testClient(bootstrap(App, { logger: each }))
  for (const path of Object.keys(errors)) await client.get(path)
}

const texts = lines.map(({ level, part, msg, ctx, err }) => [level, part, msg, ctx?.method, err.message])
const expected = part => [
  [50, part, 'Exception on /cause [GET]: outside', 'GET', 'outside: the database'],
  [50, part, 'Exception on /errors [GET]: both', 'GET', 'both: the database'],
  [50, part, 'Exception on /frozen [GET]: frozen', undefined, 'frozen: the database'],
]
assert.deepEqual(texts, [...expected(undefined), ...expected('web')])
assert.ok(lines.every(({ err }) => err.stack.includes('caused by: Error: the database')))
assert.deepEqual(
  lines.filter(({ err }) => err.aggregateErrors).map(({ err }) => err.aggregateErrors.map(({ type }) => type)),
  [
    ['Error', 'RangeError'],
    ['Error', 'RangeError'],
  ],
)
console.log('works')
