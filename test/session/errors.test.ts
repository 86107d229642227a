import {
  AfterRequest,
  BeforeRequest,
  ErrorHandler,
  Route,
  TeardownRequest,
  abort,
  session,
  type Context,
  type Response,
} from 'flaskoa'
import { clientOf } from '../support/client'
import { contentOf, sessionCookie, setCookies } from '../support/session'

class Writer {
  @BeforeRequest
  before() {
    session.name = 'Ada'
  }
  @Route('/')
  index(): string {
    throw new Error('from the view')
  }
  @Route('/missing')
  missing(): string {
    abort(404)
  }
}

class WithHandler extends Writer {
  @ErrorHandler(500)
  failed() {
    session.count = 1
    return 'handled'
  }
}

describe('an error in the view', () => {
  test('[13.1, 6.4] without a handler, the session is not saved', async () => {
    const response = await clientOf(Writer).get('/')
    expect([response.status, setCookies(response), response.header('Vary')]).toEqual([500, [], undefined])
  })

  test('[13.1, 6.9] without a handler, but with after methods on the 500: saved', async () => {
    const response = await clientOf(Writer, { afterRequestOnUnhandledError: true }).get('/')
    expect([response.status, contentOf(sessionCookie(response))]).toMatchObject([500, { name: 'Ada' }])
  })

  test('[13.1, 6.9] a 500 handler answers: saved, with what the handler wrote', async () => {
    const response = await clientOf(WithHandler).get('/')
    expect([response.text, contentOf(sessionCookie(response))]).toMatchObject(['handled', { name: 'Ada', count: 1 }])
  })

  test('[13.1] an HTTP error: saved', async () => {
    const response = await clientOf(Writer).get('/missing')
    expect([response.status, contentOf(sessionCookie(response))]).toMatchObject([404, { name: 'Ada' }])
  })

  test('[13.1] exceptions propagate: not saved', async () => {
    const seen: unknown[] = []
    const client = clientOf(WithHandler, {
      propagateExceptions: true,
      middleware: [
        async (ctx, next) => {
          await next().catch((error: unknown) => seen.push((error as Error).message))
          seen.push(ctx.response.headers['set-cookie'])
          ctx.body = 'outside'
        },
      ],
    })
    expect([(await client.get('/')).text, ...seen]).toEqual(['outside', 'from the view', undefined])
  })
})

describe('an error in an after method', () => {
  test.each([
    ['[13.1, 6.5] that fails once: saved by the second pass', 1, { name: 'Ada', count: 2 }],
    ['[13.1, 6.6] that fails again: not saved', 2, undefined],
  ])('%s', async (_, failures, saved) => {
    const log: string[] = []
    class App {
      @Route('/')
      index() {
        session.name = 'Ada'
        return ''
      }
      @AfterRequest
      after(response: Response) {
        session.count = (session.count ?? 0) + 1
        log.push(`after ${session.count}`)
        if (session.count <= failures) throw new Error(`failure ${session.count}`)
        return response
      }
      @TeardownRequest
      teardown(error?: Error) {
        log.push(`teardown ${error?.message}`)
      }
    }
    const client = clientOf(App, { afterRequestOnUnhandledError: true })
    const cookie = sessionCookie(await client.get('/'))
    expect(cookie && contentOf(cookie)).toEqual(saved && expect.objectContaining(saved))
    expect(log).toEqual(['after 1', 'after 2', 'teardown failure 1'])
  })
})

test('[13.1] a cookie of the first pass is not in the response of the second', async () => {
  let saves = 0
  class App {
    @Route('/')
    index() {
      session.name = 'first'
      return ''
    }
    @ErrorHandler(500)
    failed() {
      session.name = 'second'
      return 'handled'
    }
  }
  // The save itself fails, after the cookie was written.
  const client = clientOf(App, {
    session: {
      externalKey: {
        get: (ctx: Context) => ctx.get('X-Key') || undefined,
        set: (ctx: Context, key: string) => {
          ctx.append('X-Key', key)
          if (saves++ === 0) throw new Error('no key today')
        },
      },
      store: new (class {
        get = () => undefined
        set = () => undefined
        destroy = () => undefined
      })(),
      genid: () => `key ${saves}`,
    },
  })
  const response = await client.get('/')
  // The first key was not sent, and is not used again.
  expect([response.text, response.header('X-Key'), saves]).toEqual(['handled', 'key 1', 2])
})

test('[7.4, 13.1] a teardown method comes too late to change it', async () => {
  class App {
    @Route('/')
    index() {
      session.name = 'view'
      return ''
    }
    @TeardownRequest
    teardown() {
      session.name = 'teardown'
    }
  }
  const client = clientOf(App)
  await client.get('/')
  expect(await client.session()).toEqual({ name: 'view' })
})
