import type { Middleware } from 'koa'
import {
  AfterRequest,
  BeforeFirstRequest,
  BeforeRequest,
  Route,
  TeardownRequest,
  bootstrap,
  g,
  session,
  type Response,
  type LogEntry,
} from 'flaskoa'
import { runSampleApp } from '../support/sample-app'
import { serve } from '../support/serve'
import { until } from '../support/until'

/**
 * The article "Flask before and after request functions", line by line over HTTP. What it prints goes to `log` here;
 * its whole application, `sample-app`, runs at the end in a process of its own.
 */
const log: string[] = []
beforeEach(() => (log.length = 0))

const secretKey = 'MySecretKey1234'
const text = async (url: string) => (await fetch(url)).text()

test('a very basic application', async () => {
  class App {
    @Route('/')
    index() {
      log.push('index is running!')
      return 'Hello world'
    }
  }
  await serve(bootstrap(App), async url => {
    const response = await fetch(`${url}/`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(await response.text()).toBe('Hello world')
  })
  expect(log).toEqual(['index is running!'])
})

describe('before_request', () => {
  test('runs before each request and need not return anything', async () => {
    class App {
      @BeforeRequest()
      before() {
        log.push('before_request is running!')
      }

      @Route('/')
      index() {
        log.push('index is running!')
        return 'Hello world'
      }
    }
    await serve(bootstrap(App), async url => {
      expect(await text(`${url}/`)).toBe('Hello world')
      expect(await text(`${url}/`)).toBe('Hello world')
    })
    const once = ['before_request is running!', 'index is running!']
    expect(log).toEqual([...once, ...once])
  })

  test('a value that it returns answers any request, to any route, and stops its handling', async () => {
    class App {
      @BeforeRequest()
      before() {
        log.push('before_request is running!')
        return 'Intercepted by before_request'
      }

      @Route('/')
      index() {
        log.push('index is running!')
        return 'Hello world'
      }
    }
    await serve(bootstrap(App), async url => {
      for (const request of [
        fetch(`${url}/`),
        fetch(`${url}/no/such/url?x=1`),
        fetch(`${url}/`, { method: 'POST', body: 'x' }),
      ]) {
        const response = await request
        expect(response.status).toBe(200)
        expect(await response.text()).toBe('Intercepted by before_request')
      }
    })
    expect(log).toEqual(Array(3).fill('before_request is running!'))
  })

  test('session and g, written before, are read in the view', async () => {
    class App {
      @BeforeRequest()
      before() {
        session.foo = 'bar'
        g.username = 'root'
        log.push('before_request is running!')
      }

      @Route('/')
      index() {
        const { username } = g
        const { foo } = session
        log.push(`index is running! ${username} ${foo}`)
        return 'Hello world'
      }
    }
    await serve(bootstrap(App, { secretKey }), url => text(`${url}/`))
    expect(log).toEqual(['before_request is running!', 'index is running! root bar'])
  })

  test('the session comes back with the next request, g does not', async () => {
    class App {
      @Route('/write')
      write() {
        session.foo = 'bar'
        g.username = 'root'
        return ''
      }

      @Route('/read')
      read() {
        return { foo: session.foo, g: Object.keys(g) }
      }
    }
    await serve(bootstrap(App, { secretKey }), async url => {
      const cookies = (await fetch(`${url}/write`)).headers.getSetCookie().map(cookie => cookie.split(';')[0])
      const answer = await fetch(`${url}/read`, { headers: { cookie: cookies.join('; ') } })
      expect(await answer.json()).toEqual({ foo: 'bar', g: [] })
    })
  })
})

describe('before_first_request', () => {
  test('runs once before the very first request and is ignored on subsequent ones', async () => {
    class App {
      @BeforeFirstRequest()
      first() {
        log.push('This function will run once')
      }

      @BeforeRequest()
      before() {
        log.push('before_request is running!')
      }

      @Route('/')
      index() {
        log.push('index is running!')
        return 'Hello world'
      }
    }
    const app = bootstrap(App)
    expect(log).toEqual([])
    await serve(app, async url => {
      await text(`${url}/`)
      await text(`${url}/`)
    })
    expect(log).toEqual([
      'This function will run once',
      'before_request is running!',
      'index is running!',
      'before_request is running!',
      'index is running!',
    ])
  })

  test('runs once when 50 requests arrive while it is slow, and all wait for it', async () => {
    let arrived = 0
    const counting: Middleware = (_, next) => (arrived++, next())
    class App {
      @BeforeFirstRequest()
      async first() {
        log.push('begins')
        await until('all requests have arrived', () => arrived === 50)
        log.push('ends')
      }

      @Route('/')
      index() {
        log.push('index')
        return 'Hello world'
      }
    }
    await serve(bootstrap(App, { middleware: [counting] }), async url => {
      const answers = await Promise.all(Array.from({ length: 50 }, () => text(`${url}/`)))
      expect(answers).toEqual(Array(50).fill('Hello world'))
    })
    expect(log).toEqual(['begins', 'ends', ...Array<string>(50).fill('index')])
  })
})

describe('after_request', () => {
  test('takes the response and returns it, with session and g at hand', async () => {
    class App {
      @BeforeRequest()
      before() {
        session.foo = 'bar'
        g.username = 'root'
        log.push('before_request is running!')
      }

      @Route('/')
      index() {
        log.push('index is running!')
        return 'Hello world'
      }

      @AfterRequest()
      after(response: Response) {
        log.push(`after_request is running! ${g.username} ${session.foo}`)
        response.set('X-After', String(response.body))
        return response
      }
    }
    await serve(bootstrap(App, { secretKey }), async url => {
      const response = await fetch(`${url}/`)
      expect(response.headers.get('x-after')).toBe('Hello world')
      expect(await response.text()).toBe('Hello world')
    })
    expect(log).toEqual(['before_request is running!', 'index is running!', 'after_request is running! root bar'])
  })

  test('does NOT run if the application throws, while before_first_request and before_request did', async () => {
    const logged: string[] = []
    class App {
      @BeforeFirstRequest()
      first() {
        log.push('This function will run once')
      }

      @BeforeRequest()
      before() {
        log.push('before_request is running!')
      }

      @Route('/')
      index(): string {
        throw new RangeError('after_request will not run')
      }

      @AfterRequest()
      after(response: Response) {
        log.push('after_request is running!')
        return response
      }
    }
    const logger = { error: ({ err }: LogEntry, message: string) => logged.push(message, String(err?.stack)) }
    await serve(bootstrap(App, { logger }), async url => {
      const response = await fetch(`${url}/`)
      expect(response.status).toBe(500)
      expect(await response.text()).not.toContain('after_request will not run')
    })
    expect(log).toEqual(['This function will run once', 'before_request is running!'])
    expect(logged).toEqual([
      'Exception on / [GET]: after_request will not run',
      expect.stringMatching(/^RangeError: after_request will not run\n +at .*index/),
    ])
  })
})

describe('teardown_request', () => {
  class App {
    @Route('/')
    index() {
      log.push('index is running!')
      return 'Hello world'
    }

    @Route('/fail')
    fail(): string {
      throw new Error('after_request will not run')
    }

    @AfterRequest()
    after(response: Response) {
      log.push('after_request is running!')
      return response
    }

    @TeardownRequest()
    teardown(error?: Error) {
      log.push('teardown_request is running!')
      log.push(error ? error.message : `error is ${error}`)
    }
  }

  test('runs after a good request, without an error', async () => {
    await serve(bootstrap(App), url => text(`${url}/`))
    expect(log).toEqual([
      'index is running!',
      'after_request is running!',
      'teardown_request is running!',
      'error is undefined',
    ])
  })

  test('runs after an exception as well, and is passed the error', async () => {
    await serve(bootstrap(App, { logger: false }), async url => {
      expect((await fetch(`${url}/fail`)).status).toBe(500)
      expect(log).toEqual(['teardown_request is running!', 'after_request will not run'])
    })
  })

  test('in debug mode the request is not torn down on exception immediately', async () => {
    await serve(bootstrap(App, { debug: true, logger: false }), async url => {
      expect((await fetch(`${url}/fail`)).status).toBe(500)
      expect(log).toEqual([])
      await text(`${url}/`)
      expect(log).toEqual([
        'teardown_request is running!',
        'after_request will not run',
        'index is running!',
        'after_request is running!',
        'teardown_request is running!',
        'error is undefined',
      ])
    })
  })

  test('in debug mode the last failed request is torn down when the server closes', async () => {
    await serve(bootstrap(App, { debug: true, logger: false }), async url => {
      await fetch(`${url}/fail`)
      expect(log).toEqual([])
    })
    expect(log).toEqual(['teardown_request is running!', 'after_request will not run'])
  })
})

describe('all together', () => {
  const banner = (url: string) => `flaskoa sample app on ${url}/ (Ctrl+C stops it)`
  const request = [
    'before_request is running!',
    'index is running! root bar',
    'after_request is running! root bar',
    'teardown_request is running!',
  ]

  test('prints exactly these lines for good requests', async () => {
    let url = ''
    const { stdout, stderr } = await runSampleApp({ RAISE: '' }, async served => {
      url = served
      for (const _ of [1, 2]) {
        const response = await fetch(`${url}/`)
        expect(response.status).toBe(200)
        expect(await response.text()).toBe('Hello world')
      }
    })
    expect(stdout.split('\n')).toEqual([banner(url), 'This function will run once', ...request, ...request, ''])
    expect(stderr).toBe('')
  })

  test('prints exactly these lines for a request that fails', async () => {
    let url = ''
    const { stdout, stderr } = await runSampleApp({ RAISE: '1' }, async served => {
      url = served
      expect((await fetch(`${url}/`)).status).toBe(500)
    })
    expect(stdout.split('\n')).toEqual([
      banner(url),
      'This function will run once',
      'before_request is running!',
      'teardown_request is running!',
      'after_request will not run',
      '',
    ])
    expect(stderr).toMatch(
      /^Exception on \/ \[GET\]: after_request will not run Error: after_request will not run\n +at .*index/,
    )
  })
})
