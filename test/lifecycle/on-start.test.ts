import { createServer } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import { once } from 'node:events'
import Koa from 'koa'
import mount from 'koa-mount'
import {
  BeforeFirstRequest,
  BeforeRequest,
  Blueprint,
  ErrorHandler,
  Get,
  OnStart,
  StartError,
  TeardownAppContext,
  bootstrap,
  currentApp,
  g,
  hasRequestContext,
  lifecycle,
  urlFor,
  withAppContext,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { ask } from '../support/ask'
import { clientOf } from '../support/client'
import { Gate, settled } from '../support/gate'
import { log, note } from '../support/log'
import { portOf, serve } from '../support/serve'

@Blueprint('/users')
class Users {
  @OnStart()
  fill() {
    note('Users.fill')
  }
}

class Shop {
  @OnStart
  async connect() {
    note('connect')
    await settled()
    note('connected')
  }

  @OnStart()
  migrate(...args: unknown[]) {
    note(`migrate ${args.length}`)
    return Promise.resolve('ignored')
  }

  @BeforeFirstRequest()
  first() {
    note('first request')
  }

  @Get('/')
  index() {
    return note('view', 'index')
  }
}

/** Serves an application by a server that its `listen` did not make. */
async function serveOwn(app: Koa, use: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(app.callback() as never).listen(0, '127.0.0.1')
  await once(server, 'listening')
  await use(`http://127.0.0.1:${portOf(server)}/`)
  server.close()
}

const started = ['connect', 'connected', 'migrate 0', 'Users.fill']

describe('@OnStart methods', () => {
  test('run once, one after the other, the application first, before @BeforeFirstRequest', async () => {
    const app = bootstrap(Shop, { blueprints: [Users], logger: false })
    await Promise.all([app.ready(), app.ready()])
    await app.ready()
    expect(log).toEqual(started)
    const client = testClient(app)
    await client.get('/')
    await client.get('/')
    expect(log).toEqual([...started, 'first request', 'view', 'view'])
  })

  test('do not run by bootstrap alone, nor for withAppContext', async () => {
    await withAppContext(bootstrap(Shop, { logger: false }), () => note('script'))
    expect(log).toEqual(['script'])
  })

  test('an application without such methods is ready', async () => {
    class App {
      @Get('/') index() {
        return ''
      }
      @TeardownAppContext() teardown() {
        note('teardown')
      }
    }
    await expect(bootstrap(App, { logger: false }).ready()).resolves.toBeUndefined()
    expect(log).toEqual([])
  })

  test('of a base class and an override, in place', async () => {
    class Base {
      @OnStart() one() {
        note('base one')
      }
      @OnStart() two() {
        note('two')
      }
      @Get('/') index() {
        return ''
      }
    }
    class Derived extends Base {
      override one() {
        note('one')
      }
      @OnStart() three() {
        note('three')
      }
    }
    await bootstrap(Derived, { logger: false }).ready()
    expect(log).toEqual(['one', 'two', 'three'])
  })

  test('share one application context, whose teardown runs after them', async () => {
    class App {
      @OnStart() open() {
        g.name = 'shared'
        note(`${currentApp() === app} ${hasRequestContext()} ${urlFor('index')}`)
      }
      @OnStart() async use() {
        await settled()
        note(String(g.name))
      }
      @TeardownAppContext() teardown(error: Error | undefined, ctx: unknown) {
        note(`teardown ${error} ${ctx}`)
      }
      @Get('/') index() {
        return ''
      }
    }
    const app = bootstrap(App, { baseUrl: 'https://shop.example', logger: false })
    await app.ready()
    expect(log).toEqual(['true false https://shop.example/', 'shared', 'teardown undefined undefined'])
  })
})

describe('a method that fails', () => {
  const refused = new Error('connection refused')
  class Failing {
    @OnStart() first() {
      note('first')
    }
    @OnStart() connect(): never {
      note('connect')
      throw refused
    }
    @OnStart() last() {
      note('last')
    }
    @TeardownAppContext() teardown(error: unknown) {
      note(`teardown: ${(error as Error | undefined)?.message}`)
    }
    @BeforeRequest() before() {
      note('before')
    }
    @ErrorHandler(StartError) wrong() {
      return 'not asked'
    }
    @Get('/') index() {
      return ''
    }
  }
  const message = 'Failing.connect: @OnStart failed, so the application did not start: connection refused'
  const once = ['first', 'connect', `teardown: ${message}`]

  test('ready() rejects with an error that names it, each time; the methods do not run again', async () => {
    const app = bootstrap(Failing, { logger: false })
    const error = await app.ready().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(StartError)
    expect(error).toMatchObject({
      name: 'StartError',
      method: 'Failing.connect',
      message,
      cause: refused,
    })
    await expect(app.ready()).rejects.toBe(error)
    expect(log).toEqual(once)
  })

  test('a request of testClient rejects, and so does its session', async () => {
    const client = clientOf(Failing)
    await expect(client.get('/')).rejects.toThrow(message)
    await expect(client.session()).rejects.toThrow(message)
    expect(log).toEqual(once)
  })

  test('a value that is no error is described', async () => {
    class App {
      @OnStart() connect(): never {
        throw 'refused' as unknown as Error
      }
      @Get('/') index() {
        return ''
      }
    }
    const start = bootstrap(App, { logger: false }).ready()
    await expect(start).rejects.toMatchObject({ method: 'App.connect', cause: 'refused' })
  })

  test('each request of a server of your own is a 500 with an error of its own, in the log', async () => {
    const app = bootstrap(Failing, { logger: false })
    const errors: Error[] = []
    app.on('error', (error: Error) => errors.push(error))
    await serveOwn(app, async url => {
      expect([(await ask(url)).status, (await ask(url)).status]).toEqual([500, 500])
    })
    expect(errors.map(error => error.message)).toEqual([message, message])
    expect(errors[0]).not.toBe(errors[1])
    expect(log.filter(line => !line.startsWith('teardown'))).toEqual(['first', 'connect'])
  })

  test('an error of a listener is thrown as it is', async () => {
    const app = bootstrap(Failing, { logger: false })
    const broken = new Error('listener')
    app.on('appContextPushed', () => {
      if (!hasRequestContext()) throw broken
    })
    await expect(app.ready()).rejects.toBe(broken)
    await serveOwn(app, async url => {
      expect((await ask(url)).status).toBe(500)
    })
  })

  test('one that waits for its own start is refused, instead of waiting forever', async () => {
    class App {
      @OnStart() async warmUp() {
        await testClient(app).get('/')
      }
      @Get('/') index() {
        return ''
      }
    }
    const app = bootstrap(App, { logger: false })
    await expect(app.ready()).rejects.toThrow("App.warmUp: an @OnStart method can't wait for the start of its own")
  })
})

describe('a server that app.listen did not make', () => {
  test('the first request waits for the methods; others that arrive meanwhile wait as well', async () => {
    const gate = new Gate()
    class App extends Shop {
      @OnStart() async slowly() {
        await gate.pass()
        note('ready')
      }
    }
    await serveOwn(bootstrap(App, { logger: false }), async url => {
      const answers = [ask(url), ask(url)]
      await gate.reached
      await settled()
      expect(log).not.toContain('view')
      gate.open()
      expect((await Promise.all(answers)).map(({ text }) => text)).toEqual(['index', 'index'])
    })
    expect(log.slice(3)).toEqual(['ready', 'first request', 'view', 'view'])
  })

  test('after await app.ready() it does not wait', async () => {
    const app = bootstrap(Shop, { logger: false })
    await app.ready()
    const handle = app.callback()
    const server = createHttp2Server((req, res) => void handle(req, res))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    expect(log).toEqual(started.slice(0, 3))
    server.close()
  })

  test('a request that its client or its deadline ends does not end the start', async () => {
    const gate = new Gate()
    class App extends Shop {
      @OnStart() async slowly() {
        await gate.pass()
      }
    }
    const app = bootstrap(App, { logger: false, requestTimeout: 1 })
    await serveOwn(app, async url => {
      expect((await ask(url)).status).toBe(503)
      gate.open()
      await app.ready()
      expect((await ask(url)).text).toBe('index')
    })
  })

  test.each([
    ['a Koa application that uses lifecycle()', () => new Koa().use(lifecycle(Shop))],
    ['a mounted application', () => new Koa().use(mount('/', bootstrap(Shop, { logger: false })))],
  ])('%s: by its first request', async (_, make) => {
    await serve(make(), async url => {
      expect((await ask(`${url}/`)).text).toBe('index')
    })
    expect(log).toEqual([...started.slice(0, 3), 'first request', 'view'])
  })

  test('testClient waits for lifecycle() in a Koa application as well', async () => {
    await testClient(new Koa().use(lifecycle(Shop))).get('/')
    expect(log).toEqual([...started.slice(0, 3), 'first request', 'view'])
  })
})
