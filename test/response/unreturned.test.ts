import { BeforeRequest, ErrorHandler, Get, makeResponse, redirect, TeardownRequest, streamWithContext } from 'flaskoa'
import { clientOf } from '../support/client'
import { log, note } from '../support/log'

// A forgotten `return` must not send half of one answer with another.

class App {
  @BeforeRequest() guard() {
    if (this.guarded) redirect('/login')
  }

  @Get('/') index() {
    note('index')
    return 'secret'
  }

  @Get('/made') made() {
    makeResponse('made', 201)
    return 'another'
  }

  @Get('/handled') handled(): string {
    throw new RangeError('handled')
  }

  @ErrorHandler(RangeError) handle() {
    redirect('/elsewhere')
    return 'fallen through'
  }

  constructor(readonly guarded = false) {}
}

class Guarded extends App {
  constructor() {
    super(true)
  }
}

test('a before method that does not return its redirect is an error, and the view does not run', async () => {
  const client = clientOf(Guarded, { testing: true })
  await expect(client.get('/')).rejects.toThrow(
    'Guarded.guard called redirect() but did not return what it made: write return redirect(…)',
  )
  expect(log).toEqual([])
})

test('a view or an error handler that does not return its redirect is an error', async () => {
  const client = clientOf(App, { testing: true })
  await expect(client.get('/made')).rejects.toThrow('App.made called makeResponse() but did not return what it made')
  await expect(client.get('/handled')).rejects.toThrow('App.handle called redirect() but did not return what it made')
  expect((await client.get('/')).text).toBe('secret')
})

test('the client waits for the teardown of a stream', async () => {
  class Streaming {
    @Get('/') index() {
      return streamWithContext(['a', 'b'])
    }

    @TeardownRequest() close() {
      note('closed')
    }
  }
  expect((await clientOf(Streaming).get('/')).text).toBe('ab')
  expect(log).toEqual(['closed'])
})
