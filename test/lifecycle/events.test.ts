import {
  Get,
  abort,
  bootstrap,
  flash,
  lifecycle,
  withAppContext,
  type Application,
  type LifecycleEvents,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import Koa from 'koa'

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
