import { ErrorHandlers } from '../../src/lifecycle/error-handlers'
import { abort } from '../../src/functions/abort'
import { FirstRequest } from '../../src/lifecycle/first-request'
import type { Exchange, Pipeline, LifecycleSettings } from '../../src/lifecycle/exchange'
import { handleRequest } from '../../src/lifecycle/lifecycle'
import * as coroutine from '../../src/lifecycle/coroutine'
import { doTeardownRequest } from '../../src/lifecycle/teardown'
import type { Context, Response } from '../../src/types'
import { log, note } from '../support/log'

/** The lifecycle on plain data: a context has a name, a response is an object with a text. */
interface Reply {
  text: string
}
const nameOf = (ctx: Context) => (ctx as unknown as { name: string }).name
const textOf = (response: Response) => (response as unknown as Reply).text

const settings: LifecycleSettings = {
  propagateExceptions: false,
  trapHttpExceptions: false,
  afterRequestOnUnhandledError: false,
}

const plan = (stages: Partial<Pipeline> = {}): Pipeline => ({
  preprocessors: [],
  before: [ctx => note(`before ${nameOf(ctx)}`)],
  view: () => note('view', 'text'),
  after: [(reply, ctx) => note(`after ${nameOf(ctx)}: ${textOf(reply)}`, reply)],
  teardown: [(error, ctx) => note(`teardown ${nameOf(ctx)}: ${error?.message}`)],
  afterResponse: [],
  errorHandlers: [],
  ...stages,
})

class PlainExchange implements Exchange {
  pipeline = plan({ before: [], after: [], teardown: [] })
  readonly reply: Reply = { text: '' }
  readonly ctx = { name: 'request', response: this.reply } as unknown as Context
  readonly endpoint = 'index'
  readonly values = { id: 1 }
  readonly afterThisRequest = []
  readonly plan

  readonly session = {
    open() {
      note('session opened')
    },
    save(): undefined {
      note('session saved')
    },
  }

  readonly response = {
    hasUnreturned: false,
    assertReturned() {
      // A plain response is never made elsewhere.
    },
    noteRequestFields() {
      // A plain response has no fields.
    },
    beginAnswer() {
      // A plain response has no fields.
    },
    answerDeclared: () => undefined,
    noteFailure() {
      // A plain response has no fields.
    },
    reset: () => {
      this.reply.text = ''
    },
    make: (value: unknown, by: string) => {
      if (value === undefined) throw new TypeError(`${by} returned nothing`)
      this.reply.text = value instanceof Error ? value.message : (value as string)
    },
    serialize() {
      note('serialized')
    },
    undoReplacement() {
      note('replacement undone')
    },
  }

  constructor(
    private readonly route: Pipeline = plan(),
    changed: Partial<LifecycleSettings> = {},
    firstRequest = new FirstRequest([], false),
  ) {
    this.plan = { settings: { ...settings, ...changed }, firstRequest, teardownAppContext: [] }
  }

  whenStarted() {
    return undefined
  }
  match() {
    note('matched')
    this.pipeline = this.route
  }

  callNext() {
    abort(404)
  }

  answerOptions() {
    return ''
  }

  readonly hasListeners = true

  emit() {}

  noteError() {
    // No method receives the outcome.
  }

  report(error: Error) {
    note(`reported: ${error.message}`)
  }
}

/** The text of the response to one request; `log` has the rest. */
async function run(...given: ConstructorParameters<typeof PlainExchange>): Promise<string> {
  const exchange = new PlainExchange(...given)
  await coroutine.run(handleRequest(exchange, doTeardownRequest))
  return exchange.reply.text
}

function fail(): never {
  throw new Error('failed')
}

const opened = ['session opened', 'matched', 'before request']

test('all methods of a request run in order', async () => {
  const preprocess = (endpoint: string | undefined, values: unknown) =>
    note(`values of ${endpoint} ${JSON.stringify(values)}`)
  expect(await run(plan({ preprocessors: [preprocess] }), {}, new FirstRequest([() => note('first')], false))).toBe(
    'text',
  )
  expect(log).toEqual([
    ...['session opened', 'matched', 'first', 'values of index {"id":1}', 'before request', 'view'],
    ...['after request: text', 'serialized', 'session saved', 'teardown request: undefined'],
  ])
})

test('a before method answers', async () => {
  expect(await run(plan({ before: [() => undefined, () => null, () => '', () => note('not reached')] }))).toBe('')
  expect(log).toEqual([
    'session opened',
    'matched',
    ...['after request: ', 'serialized', 'session saved'],
    'teardown request: undefined',
  ])
})

test('promises are awaited everywhere', async () => {
  const later = <T>(name: string, value: T) => Promise.resolve(value).then(value => note(name, value))
  const stages = plan({
    preprocessors: [() => later('values', 0)],
    before: [() => later('before', undefined)],
    view: () => later('view', 'late'),
    after: [reply => later('after', reply)],
    teardown: [() => later('teardown', 0), () => note('last')],
  })
  expect(await run(stages, {}, new FirstRequest([() => later('first', 0)], false))).toBe('late')
  expect(log).toEqual([
    ...['session opened', 'matched', 'first', 'values', 'before', 'view'],
    ...['after', 'serialized', 'session saved', 'teardown', 'last'],
  ])
})

describe('an error', () => {
  const handlers = new ErrorHandlers()
  handlers.set(RangeError, (error, ctx) => `${nameOf(ctx)}: ${error.message}`, '@ErrorHandler')

  test('that a handler answers', async () => {
    const view = () => {
      throw new RangeError('too much')
    }
    expect(await run(plan({ view, errorHandlers: [handlers] }))).toBe('request: too much')
    expect(log.slice(-1)).toEqual(['teardown request: undefined'])
  })

  test('that is of HTTP', async () => {
    expect(await run(plan({ view: exchange => exchange.callNext() }))).toBe('Not Found')
    expect(log.slice(3)).toEqual([
      'after request: Not Found',
      'serialized',
      'session saved',
      'teardown request: undefined',
    ])
  })

  test('that no handler answers', async () => {
    expect(await run(plan({ view: fail }))).toBe('Internal Server Error')
    expect(log).toEqual([...opened, 'reported: failed', 'teardown request: failed'])
  })

  test('that no handler answers, where after methods run for it', async () => {
    expect(await run(plan({ view: fail }), { afterRequestOnUnhandledError: true })).toBe('Internal Server Error')
    expect(log).toEqual([
      ...opened,
      'reported: failed',
      ...['after request: Internal Server Error', 'serialized', 'session saved'],
      'teardown request: failed',
    ])
  })

  test('that propagates', async () => {
    await expect(run(plan({ view: fail }), { propagateExceptions: true })).rejects.toThrow('failed')
    expect(log).toEqual([...opened, 'teardown request: failed'])
  })

  test('that an after method throws in both passes', async () => {
    const stages = plan({ after: [fail] })
    expect(await run(stages, { afterRequestOnUnhandledError: true })).toBe('Internal Server Error')
    expect(log.slice(4)).toEqual([
      'reported: failed',
      'reported: failed',
      'replacement undone',
      'teardown request: failed',
    ])
  })

  test('that a 500 handler throws', async () => {
    const broken = new ErrorHandlers()
    broken.set(500, () => abort(404, 'worse'), '@ErrorHandler')
    expect(await run(plan({ view: fail, errorHandlers: [broken] }))).toBe('Internal Server Error')
    expect(log).toEqual([...opened, 'reported: failed', 'reported: worse', 'teardown request: failed'])
  })

  test('that a teardown method throws', async () => {
    expect(await run(plan({ teardown: [fail, () => note('the next')] }))).toBe('text')
    expect(log.slice(-2)).toEqual(['reported: failed', 'the next'])
  })
})

test('the lifecycle loads no Koa', () => {
  jest.doMock('koa', () => {
    throw new Error('Koa was loaded')
  })
  jest.isolateModules(() => {
    expect(() => jest.requireActual<object>('../../src/bootstrap')).toThrow('Koa was loaded')
    expect(() => jest.requireActual<object>('../../src/lifecycle/lifecycle')).not.toThrow()
  })
})
