import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import http from 'node:http'
import { connect } from 'node:net'
import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  AfterRequest,
  bootstrap,
  Get,
  streamWithContext,
  TeardownRequest,
  type Context,
  type Response as KoaResponse,
} from 'flaskoa'
import { clientOf } from './support/client'
import { log, note } from './support/noting'
import { serve } from './support/serve'

// Responses that can't be sent to their end, over real sockets.

/** All that the server sends until it closes the connection or has been silent for a while. */
async function raw(url: string, path: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  let text = ''
  socket.on('data', chunk => (text += chunk.toString()))
  socket.on('error', () => undefined)
  await Promise.race([once(socket, 'close'), sleep(200)])
  socket.destroy()
  return text
}

class App {
  @Get('/missing') missing() {
    return createReadStream('/does/not/exist')
  }

  @Get('/kept') kept() {
    return streamWithContext(createReadStream('/does/not/exist'))
  }

  @Get('/begun') async begun({ res }: Context): Promise<string> {
    res.writeHead(200, { 'Content-Length': 3 })
    res.write('abc')
    await sleep(20)
    throw new Error('too late')
  }

  @Get('/apart') apart(ctx: Context): string {
    ctx.respond = false
    throw new Error('apart')
  }

  @Get('/ok') ok() {
    return 'ok'
  }

  @AfterRequest() async slowly(response: KoaResponse) {
    await sleep(20)
    return response
  }
}

test.each(['/missing', '/kept'])('a stream that fails before it is sent ends its own request only: %s', async path => {
  await serve(bootstrap(App, { logger: false }), async url => {
    for (const method of ['GET', 'HEAD']) await fetch(url + path, { method }).then(each => each.text(), String)
    expect(await (await fetch(`${url}/ok`)).text()).toBe('ok')
  })
})

test('no error page follows what is out already', async () => {
  await serve(bootstrap(App, { logger: false }), async url => {
    const sent = await raw(url, '/begun')
    expect([sent.startsWith('HTTP/1.1 200'), sent.includes('doctype')]).toEqual([true, false])
  })
})

test('an error is answered also where the view had wanted to answer by itself', async () => {
  await serve(bootstrap(App, { logger: false }), async url => {
    expect((await fetch(`${url}/apart`)).status).toBe(500)
  })
})

test('a frozen error leaves like any other', async () => {
  class Frozen {
    @Get('/') index(): string {
      throw Object.freeze(new Error('frozen'))
    }
  }
  await serve(bootstrap(Frozen, { propagateExceptions: true, logger: false }), async url => {
    expect((await fetch(url)).status).toBe(500)
  })
})

test.each([
  ['a stream', () => new PassThrough()],
  [
    'a generator',
    async function* () {
      yield 'first'
      await new Promise(() => undefined)
    },
  ],
])('[12.4] a client that leaves while %s waits for its next chunk', async (_, source) => {
  let torn: () => void
  const teardown = new Promise<void>(resolve => (torn = resolve))
  class Waiting {
    @Get('/') index() {
      const chunks = source()
      if (chunks instanceof PassThrough) chunks.write('first')
      return streamWithContext(chunks)
    }

    @TeardownRequest() close(error?: Error) {
      note(String(error?.name))
      torn()
    }
  }
  await serve(bootstrap(Waiting, { logger: false }), async url => {
    const request = http.get(url)
    const [response] = (await once(request, 'response')) as [http.IncomingMessage]
    await once(response, 'data')
    response.on('error', () => undefined)
    request.destroy()
    await teardown
    expect(log).toEqual(['AbortError'])
  })
})

test('a response that fetch() received is passed on without the headers of its journey', async () => {
  const upstream = {
    url: 'http://upstream.example/',
    status: 200,
    headers: { 'content-encoding': 'gzip', 'content-length': '3', connection: 'close', 'x-kept': 'yes' },
  }
  class Proxy {
    @Get('/') index() {
      const received = new Response('decoded', { headers: upstream.headers })
      return Object.defineProperty(received, 'url', { value: upstream.url })
    }
  }
  const response = await clientOf(Proxy).get('/')
  expect([response.text, response.header('content-encoding'), response.header('x-kept')]).toEqual([
    'decoded',
    undefined,
    'yes',
  ])
})

test.each([100, 204, 304, 999])('an error with the status %d is no HTTP error', async status => {
  class Strange {
    @Get('/') index(): string {
      throw Object.assign(new Error('strange'), { status, statusCode: status, expose: true })
    }
  }
  expect((await clientOf(Strange).get('/')).status).toBe(500)
})

test('values that cannot be looked at are errors like others', async () => {
  class Hostile {
    @Get('/') index() {
      return 'fine'
    }

    @TeardownRequest() last() {
      note('last')
    }

    @TeardownRequest() first() {
      const { proxy, revoke } = Proxy.revocable({}, {})
      revoke()

      throw proxy
    }
  }
  expect((await clientOf(Hostile).get('/')).text).toBe('fine')
  expect(log).toEqual(['last'])
})
