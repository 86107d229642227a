import { once } from 'node:events'
import { Get, TeardownRequest, bootstrap, request, session, streamWithContext } from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { clientOf } from '../support/client'
import { log, note } from '../support/log'
import { serve } from '../support/serve'

/** Flask's tests of streams that still belong to their request. */
const testing = { testing: true }

function* greeting(hello: string) {
  yield hello
  yield request.query.name as string
  yield '!'
}

test('[12.2] a stream has its request (test_helpers.py::test_streaming_with_context)', async () => {
  class App {
    @Get('/')
    index() {
      return streamWithContext(greeting('Hello '))
    }
  }
  expect((await clientOf(App, testing).get('/?name=World')).text).toBe('Hello World!')
})

test('[12.2] so has one that a function starts (test_helpers.py::test_streaming_with_context_as_decorator)', async () => {
  class App {
    @Get('/')
    index() {
      return streamWithContext(() => greeting('Hello '))
    }
  }
  expect((await clientOf(App, testing).get('/?name=World')).text).toBe('Hello World!')
})

test('[12.2] an iterator is closed, once (test_helpers.py::test_streaming_with_context_and_custom_close)', async () => {
  class Wrapper {
    readonly #chunks = greeting('Hello ');

    [Symbol.iterator]() {
      return this
    }

    next() {
      return this.#chunks.next()
    }

    return() {
      note('closed')
      return this.#chunks.return()
    }
  }
  class App {
    @Get('/')
    index() {
      return streamWithContext(new Wrapper())
    }

    @TeardownRequest
    teardown() {
      note('teardown')
    }
  }
  const app = bootstrap(App, testing)
  const gone = once(app, 'appContextPopped')
  expect((await testClient(app).get('/?name=World')).text).toBe('Hello World!')
  await gone
  expect(log).toEqual(['closed', 'teardown'])
})

/** Streams what the view wrote to the session. */
class Session {
  @Get('/')
  async index() {
    session.value = 'flask'
    return streamWithContext(function* () {
      yield session.value as string
    })
  }
}

test('[12.2] a stream sees what its view wrote (test_helpers.py::test_stream_keeps_session)', async () => {
  expect((await clientOf(Session, testing).get('/')).text).toBe('flask')
})

test('[12.2, 12.4] in an async view, read or not (test_helpers.py::test_async_view)', async () => {
  await serve(bootstrap(Session, { ...testing, secretKey: 'secret' }), async url => {
    await (await fetch(url)).body?.cancel()
    expect(await (await fetch(url)).text()).toBe('flask')
  })
})
