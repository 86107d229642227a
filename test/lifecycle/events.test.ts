import {
  ErrorHandler,
  Get,
  TeardownAppContext,
  TeardownRequest,
  abort,
  bootstrap,
  flash,
  lifecycle,
  withAppContext,
  type Application,
  type BootstrapOptions,
  type HttpError,
  type LifecycleEvents,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import Koa from 'koa'
import { log, note } from '../support/log'

class App {
  @Get('/') index() {
    flash('saved', 'info')
    return 'index'
  }

  @Get('/fails') fails(): string {
    throw new RangeError('too much')
  }

  @Get('/missing') missing(): string {
    abort(404)
  }
}

const makers: [string, () => Application][] = [
  ['bootstrap', () => bootstrap(App, { secretKey: 'secret', logger: false })],
  [
    'lifecycle in a Koa application',
    () => {
      const app: Application = new Koa()
      app.silent = true
      app.use(lifecycle(App, { secretKey: 'secret' }))
      return app
    },
  ],
]

/** What each listener got, an argument by its class or its text, in the order of the events. */
function recorded(app: Application): string[] {
  const log: string[] = []
  const names: Record<keyof LifecycleEvents, true> = {
    appContextPushed: true,
    requestStarted: true,
    requestFinished: true,
    gotRequestException: true,
    messageFlashed: true,
    templateRendered: true,
    requestTearingDown: true,
    appContextTearingDown: true,
    appContextPopped: true,
  }
  for (const name of Object.keys(names) as (keyof LifecycleEvents)[]) {
    app.on(name, (...args: readonly unknown[]) => {
      log.push([name, ...args.map(shown)].join(' '))
    })
  }
  return log
}

function shown(arg: unknown): string {
  if (typeof arg !== 'object' || arg === null) return String(arg)
  if ('body' in arg) return 'response' in arg ? 'ctx' : 'response'
  return String(arg)
}

describe.each(makers)('the arguments of LifecycleEvents: %s', (_, make) => {
  test('a view that answers', async () => {
    const app = make()
    const log = recorded(app)
    await testClient(app).get('/')
    expect(log).toEqual([
      'appContextPushed ctx',
      'requestStarted ctx',
      'messageFlashed saved info ctx',
      'requestFinished response ctx',
      'requestTearingDown undefined ctx',
      'appContextTearingDown undefined ctx',
      'appContextPopped ctx',
    ])
  })

  test('an error that no handler answers', async () => {
    const app = make()
    const log = recorded(app)
    await testClient(app).get('/fails')
    expect(log).toEqual([
      'appContextPushed ctx',
      'requestStarted ctx',
      'gotRequestException RangeError: too much ctx',
      'requestTearingDown RangeError: too much ctx',
      'appContextTearingDown RangeError: too much ctx',
      'appContextPopped ctx',
    ])
  })

  test('without a request, no ctx', async () => {
    const app = make()
    const log = recorded(app)
    await expect(withAppContext(app, () => abort(404))).rejects.toThrow('Not Found')
    expect(log).toEqual([
      'appContextPushed undefined',
      'appContextTearingDown NotFoundError: Not Found undefined',
      'appContextPopped undefined',
    ])
  })
})

describe('[15.2] a listener that throws', () => {
  const throwing = () => {
    throw new TypeError('listener')
  }

  class Failing {
    @Get('/')
    index(): never {
      throw new Error('view')
    }

    @ErrorHandler(500)
    failed({ cause }: HttpError) {
      return `because of ${(cause as Error).message}`
    }

    @TeardownRequest()
    teardown(error?: Error) {
      note(`teardown ${error?.message}`)
    }

    @TeardownAppContext()
    gone(error?: Error) {
      note(`gone ${error?.message}`)
    }
  }
  const failing = (options: BootstrapOptions = {}) =>
    bootstrap(Failing, { logger: false, ...options }).on('error', (error: Error) => note(`error ${error.message}`))

  test('of gotRequestException does not hide the error: both are reported, and the handler answers', async () => {
    const response = await testClient(failing().on('gotRequestException', throwing)).get('/')
    expect(response.text).toBe('because of view')
    expect(log).toEqual(['error view', 'error listener', 'teardown view', 'gone view'])
  })

  test('of gotRequestException: the error leaves the lifecycle where exceptions propagate', async () => {
    const client = testClient(failing({ testing: true }).on('gotRequestException', throwing))
    await expect(client.get('/')).rejects.toThrow('view')
    expect(log).toEqual(['error view', 'error listener', 'teardown view', 'gone view'])
  })

  test('of gotRequestException that throws the error again: it is reported once', async () => {
    const again = (error: Error) => {
      throw error
    }
    await testClient(failing().on('gotRequestException', again)).get('/')
    expect(log).toEqual(['error view', 'teardown view', 'gone view'])
  })

  test('of appContextPushed: withAppContext rejects with its error, after teardown', async () => {
    const app = failing().on('appContextPushed', throwing)
    await expect(withAppContext(app, () => note('never'))).rejects.toThrow('listener')
    expect(log).toEqual(['gone listener'])
  })

  test('of appContextPushed in a request: the handler answers, after which all is torn down', async () => {
    const response = await testClient(failing().on('appContextPushed', throwing)).get('/')
    expect(response.text).toBe('because of listener')
    expect(log).toEqual(['error listener', 'teardown listener', 'gone listener'])
  })
})
