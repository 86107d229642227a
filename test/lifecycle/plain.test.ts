import { ErrorHandlers } from '../../src/error-handlers'
import { abort } from '../../src/errors'
import { FirstRequest } from '../../src/first-request'
import type { Exchange, Pipeline, Settings } from '../../src/exchange'
import { handleRequest } from '../../src/lifecycle'
import * as steps from '../../src/steps'
import { doTeardownRequest } from '../../src/teardown'
import { log, note } from '../support/noting'

/** The lifecycle on plain data: a context is the name of a request, a response is an object with a text. */
interface Reply {
  text: string
}
type Plan = Pipeline<string, Reply>

const settings: Settings = {
  propagateExceptions: false,
  trapHttpExceptions: false,
  afterRequestOnUnhandledError: false,
}

const plan = (stages: Partial<Plan> = {}): Plan => ({
  preprocessors: [],
  before: [ctx => note(`before ${ctx}`)],
  view: () => note('view', 'text'),
  after: [(reply, ctx) => note(`after ${ctx}: ${reply.text}`, reply)],
  teardown: [(error, ctx) => note(`teardown ${ctx}: ${error?.message}`)],
  afterResponse: [],
  errorHandlers: [],
  ...stages,
})

class PlainExchange implements Exchange<string, Reply> {
  pipeline = plan({ before: [], after: [], teardown: [] })
  readonly ctx = 'request'
  readonly response = { text: '' }
  readonly endpoint = 'index'
  readonly values = { id: 1 }
  readonly afterThisRequest = []
  readonly teardownAppContext = []

  constructor(
    private readonly route: Plan = plan(),
    private readonly changed: Partial<Settings> = {},
    readonly firstRequest = new FirstRequest([]),
  ) {}

  get settings(): Settings {
    return { ...settings, ...this.changed }
  }

  openSession() {
    note('session opened')
  }

  match() {
    note('matched')
    this.pipeline = this.route
  }

  passOn() {
    abort(404)
  }

  answerOptions() {
    return ''
  }

  refuseUnreturned() {
    // A plain response is never made elsewhere.
  }

  resetResponse() {
    this.response.text = ''
  }

  makeResponse(value: unknown, by: string) {
    if (value === undefined) throw new TypeError(`${by} returned nothing`)
    this.response.text = value instanceof Error ? value.message : (value as string)
  }

  settleResponse() {
    note('settled')
  }

  keepFirstResponse() {
    note('first response kept')
  }

  saveSession() {
    note('session saved')
  }

  signal() {}

  noteError() {
    // Nobody is told of the outcome.
  }

  report(error: Error) {
    note(`told: ${error.message}`)
  }

  end(error: Error | undefined) {
    return doTeardownRequest(this, error)
  }

  tornDown() {
    // Nothing comes after it.
  }
}

/** The text of the response to one request; `log` has the rest. */
async function run(...given: ConstructorParameters<typeof PlainExchange>): Promise<string> {
  const exchange = new PlainExchange(...given)
  await steps.run(handleRequest(exchange))
  return exchange.response.text
}

function fail(): never {
  throw new Error('failed')
}

const opened = ['session opened', 'matched', 'before request']

test('a request goes its way', async () => {
  const preprocess = (endpoint: string | undefined, values: unknown) =>
    note(`values of ${endpoint} ${JSON.stringify(values)}`)
  expect(await run(plan({ preprocessors: [preprocess] }), {}, new FirstRequest([() => note('first')]))).toBe('text')
  expect(log).toEqual([
    ...['session opened', 'matched', 'first', 'values of index {"id":1}', 'before request', 'view'],
    ...['after request: text', 'settled', 'session saved', 'teardown request: undefined'],
  ])
})

test('a before method answers', async () => {
  expect(await run(plan({ before: [() => undefined, () => null, () => '', () => note('not reached')] }))).toBe('')
  expect(log).toEqual([
    'session opened',
    'matched',
    ...['after request: ', 'settled', 'session saved'],
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
  expect(await run(stages, {}, new FirstRequest([() => later('first', 0)]))).toBe('late')
  expect(log).toEqual([
    ...['session opened', 'matched', 'first', 'values', 'before', 'view'],
    ...['after', 'settled', 'session saved', 'teardown', 'last'],
  ])
})

describe('an error', () => {
  const handlers = new ErrorHandlers<string>()
  handlers.set(RangeError, (error, ctx) => `${ctx}: ${error.message}`, '@ErrorHandler')

  test('that a handler answers', async () => {
    const view = () => {
      throw new RangeError('too much')
    }
    expect(await run(plan({ view, errorHandlers: [handlers] }))).toBe('request: too much')
    expect(log.slice(-1)).toEqual(['teardown request: undefined'])
  })

  test('that is of HTTP', async () => {
    expect(await run(plan({ view: exchange => exchange.passOn() }))).toBe('Not Found')
    expect(log.slice(3)).toEqual([
      'after request: Not Found',
      'settled',
      'session saved',
      'teardown request: undefined',
    ])
  })

  test('that nobody handles', async () => {
    expect(await run(plan({ view: fail }))).toBe('Internal Server Error')
    expect(log).toEqual([...opened, 'told: failed', 'teardown request: failed'])
  })

  test('that nobody handles, where after methods run for it', async () => {
    expect(await run(plan({ view: fail }), { afterRequestOnUnhandledError: true })).toBe('Internal Server Error')
    expect(log).toEqual([
      ...opened,
      'told: failed',
      ...['after request: Internal Server Error', 'settled', 'session saved'],
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
    expect(log.slice(4)).toEqual(['told: failed', 'told: failed', 'first response kept', 'teardown request: failed'])
  })

  test('that a 500 handler throws', async () => {
    const broken = new ErrorHandlers<string>()
    broken.set(500, () => abort(404, 'worse'), '@ErrorHandler')
    expect(await run(plan({ view: fail, errorHandlers: [broken] }))).toBe('Internal Server Error')
    expect(log).toEqual([...opened, 'told: failed', 'told: worse', 'teardown request: failed'])
  })

  test('that a teardown method throws', async () => {
    expect(await run(plan({ teardown: [fail, () => note('the next')] }))).toBe('text')
    expect(log.slice(-2)).toEqual(['told: failed', 'the next'])
  })
})

test('the lifecycle loads no Koa', () => {
  jest.doMock('koa', () => {
    throw new Error('Koa was loaded')
  })
  jest.isolateModules(() => {
    expect(() => jest.requireActual<object>('../../src/bootstrap')).toThrow('Koa was loaded')
    expect(() => jest.requireActual<object>('../../src/lifecycle')).not.toThrow()
  })
})
