import { Get, Route, bootstrap, flash, getFlashedMessages, redirect, session } from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { clientOf } from '../support/client'

/** Flask's tests of flashed messages, and of a session that a test looks into. */
const testing = { testing: true }

describe('flashed messages', () => {
  test('a second one modifies the session as the first did (test_basic.py::test_flashes)', async () => {
    const modified: boolean[] = []
    class App {
      @Get('/')
      index() {
        modified.push(session.modified)
        flash('Zap')
        session.modified = false
        modified.push(session.modified)
        flash('Zip')
        modified.push(session.modified)
        return getFlashedMessages()
      }
    }
    expect((await clientOf(App, testing).get('/')).json()).toEqual(['Zap', 'Zip'])
    expect(modified).toEqual([false, false, true])
  })

  class App {
    @Get('/')
    index() {
      flash('Hello World')
      flash('Hello World', 'error')
      flash('<em>Testing</em>', 'warning')
      return ''
    }

    @Get('/test')
    messages() {
      return getFlashedMessages()
    }

    @Get('/test_with_categories')
    withCategories() {
      return getFlashedMessages({ withCategories: true })
    }

    @Get('/test_filter')
    ofOne() {
      return getFlashedMessages({ categoryFilter: ['message'], withCategories: true })
    }

    @Get('/test_filters')
    ofTwo() {
      return getFlashedMessages({ categoryFilter: ['message', 'warning'], withCategories: true })
    }

    @Get('/test_filters_without_returning_categories')
    ofTwoWithout() {
      return getFlashedMessages({ categoryFilter: ['message', 'warning'] })
    }
  }

  test.each([
    ['/test', ['Hello World', 'Hello World', '<em>Testing</em>']],
    [
      '/test_with_categories',
      [
        ['message', 'Hello World'],
        ['error', 'Hello World'],
        ['warning', '<em>Testing</em>'],
      ],
    ],
    ['/test_filter', [['message', 'Hello World']]],
    [
      '/test_filters',
      [
        ['message', 'Hello World'],
        ['warning', '<em>Testing</em>'],
      ],
    ],
    ['/test_filters_without_returning_categories', ['Hello World', '<em>Testing</em>']],
  ])('%s: by category, and gone once read (test_basic.py::test_extended_flashing)', async (path, messages) => {
    const client = clientOf(App, testing)
    await client.get('/')
    expect((await client.get(path)).json()).toEqual(messages)
    expect((await client.get('/test')).json()).toEqual([])
  })
})

test('a redirect keeps the session (test_testing.py::test_redirect_keep_session)', async () => {
  class App {
    @Route('/', { methods: ['GET', 'POST'] })
    index({ method }: { method: string }) {
      if (method === 'POST') return redirect('/getsession')
      session.value = 'foo'
      return 'index'
    }

    @Get('/getsession')
    getSession() {
      return (session.value as string | undefined) ?? '<missing>'
    }
  }
  const client = clientOf(App, testing)
  expect((await client.get('/getsession')).text).toBe('<missing>')
  expect((await client.get('/')).text).toBe('index')
  expect(await client.session()).toEqual({ value: 'foo' })
  expect((await client.post('/', { form: {}, followRedirects: true })).text).toBe('foo')
  expect(await client.session()).toEqual({ value: 'foo' })
  expect((await client.get('/getsession')).text).toBe('foo')
})

test('what is written on both sides of a redirect is there (test_testing.py::test_redirect_session)', async () => {
  class App {
    @Get('/redirect')
    index() {
      session.name = 'redirect'
      return redirect('/target')
    }

    @Get('/target')
    target() {
      session.value = 'target'
      return ''
    }
  }
  const client = clientOf(App, testing)
  await client.get('/redirect', { followRedirects: true })
  expect(await client.session()).toEqual({ name: 'redirect', value: 'target' })
})

test('a test can write the session and read it (test_testing.py::test_session_transactions)', async () => {
  class App {
    @Get('/')
    index() {
      return JSON.stringify(session.value)
    }
  }
  const client = clientOf(App, testing)
  await client.session(stored => {
    expect(Object.keys(stored)).toHaveLength(0)
    stored.value = [42]
    expect(Object.keys(stored)).toHaveLength(1)
  })
  expect((await client.get('/')).text).toBe('[42]')
  await client.session(stored => {
    expect(Object.keys(stored)).toHaveLength(1)
    expect(stored.value).toEqual([42])
  })
})

test('but not without a secret (test_testing.py::test_session_transactions_no_null_sessions)', async () => {
  class App {
    @Get('/')
    index() {
      return ''
    }
  }
  const client = testClient(bootstrap(App))
  await expect(client.session(stored => (stored.value = 42))).rejects.toThrow('no secret key is set')
})
