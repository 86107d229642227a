import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import type { Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type Koa from 'koa'
import { settled } from '../support/gate'
import { get, portOf, post, same, sameOver, type Note } from '../support/same'
import { until } from '../support/until'

// The errors that the application reports, and what clients receive, when connections and streams break.

/** A client that sends a text, and what it does then with what it has received so far. */
const client =
  (text: string, then: (socket: Socket, received: () => string) => unknown) =>
  async (server: Server): Promise<string[]> => {
    const socket = connect(portOf(server), '127.0.0.1')
    let received = ''
    socket.setEncoding('latin1').on('data', chunk => (received += chunk))
    socket.on('error', () => undefined)
    socket.write(text)
    await then(socket, () => received)
    if (!socket.closed) await once(socket, 'close')
    return [received.replace(/^Date: .*$/gm, 'Date: now')]
  }

const sends = (text: string) => client(text, () => {})

const open = (path: string) => get(path, { Connection: 'keep-alive' })

type How = 'reset' | 'close' | 'end'

function leave(socket: Socket, how: How): void {
  if (how === 'reset') socket.resetAndDestroy()
  else if (how === 'close') socket.destroy()
  else socket.end()
}

/**
 * Has a client leave when the middleware says so and the client has received `last`: a socket that is destroyed before it
 * has read everything resets its connection. What else the client received is chance, and not compared.
 */
function leaving(how: How, text: string, setUp: (app: Koa, go: () => void, note: Note) => unknown, last = '') {
  let go = () => {}
  const left = client(text, async (socket, received) => {
    await new Promise<void>(resolve => (go = resolve))
    await until(`the client has received ${last}`, () => received().endsWith(last))
    leave(socket, how)
  })
  return sameOver(
    async server => (await left(server), []),
    (app, note) => setUp(app, () => go(), note),
  )
}

/** Waits for the end of a connection, however it ends. */
const closed = (ctx: Koa.Context) => new Promise(resolve => ctx.req.socket.once('close', resolve))

/** How "chunk" looks on the wire when its response is chunked. */
const CHUNK = '5\r\nchunk\r\n'

/** A stream that has one chunk and never ends. */
function waiting(): PassThrough {
  const stream = new PassThrough()
  stream.write('chunk')
  return stream
}

const failing = (...chunks: string[]) =>
  Readable.from(
    (async function* () {
      yield* chunks
      await sleep(1)
      throw new Error('broken')
    })(),
  )

describe('streams that break', () => {
  test.each<[string, () => unknown]>([
    ['before the first chunk', () => failing()],
    ['after a chunk', () => failing('chunk')],
    ['a file that is not there', () => createReadStream('/does/not/exist')],
    ['a folder', () => createReadStream('/')],
    ['a web stream', () => Readable.toWeb(failing('chunk'))],
    ['a Response', () => new Response(Readable.toWeb(failing('chunk')) as ReadableStream)],
    [
      'destroyed without an error',
      () => {
        const stream = new PassThrough()
        stream.write('chunk')
        setTimeout(() => stream.destroy(), 5)
        return stream
      },
    ],
    ['destroyed before', () => new PassThrough().destroy()],
    [
      'destroyed with an error before',
      () => {
        const stream = new PassThrough()
        stream.on('error', () => {})
        return stream.destroy(new Error('early'))
      },
    ],
    [
      'an error event only',
      () => {
        const stream = new PassThrough()
        setImmediate(() => stream.emit('error', new Error('emitted')))
        return stream
      },
    ],
    [
      'an error that is none',
      () => {
        const stream = new PassThrough()
        setImmediate(() => stream.destroy('text' as unknown as Error))
        return stream
      },
    ],
    [
      'an HTTP error',
      () => {
        const stream = new PassThrough()
        setImmediate(() =>
          stream.destroy(Object.assign(new Error('not you'), { status: 403, expose: true, headers: { 'X-A': 'a' } })),
        )
        return stream
      },
    ],
  ])('%s', async (name, make) => {
    const setUp = (app: Koa) => app.use(ctx => void (ctx.body = make()))
    const { reported } = await sameOver(sends(get('/')), setUp)
    expect(reported.length).toBeGreaterThan(0)
    // Koa leaves these two to end the process.
    if (/not there|event only/.test(name)) return
    await sameOver(sends(get('/').replace('GET', 'HEAD')), setUp)
  })

  test('after the headers are sent, or when the body is replaced or not sent', async () => {
    for (const act of [
      (ctx: Koa.Context) => ctx.flushHeaders(),
      (ctx: Koa.Context) => (ctx.body = 'other'),
      (ctx: Koa.Context) => (ctx.body = null),
      (ctx: Koa.Context) => (ctx.status = 204),
      (ctx: Koa.Context) => void ((ctx.respond = false), setTimeout(() => ctx.res.end(), 10)),
      async (ctx: Koa.Context) => ((ctx.length = 5), sleep(1)),
    ]) {
      await sameOver(sends(get('/')), app =>
        app.use(ctx => {
          ctx.body = failing()
          return act(ctx)
        }),
      )
    }
  })
})

describe('clients that disconnect', () => {
  const ways: How[] = ['reset', 'close', 'end']

  test.each(ways)('%s, while a stream is sent', async how => {
    const setUp = (app: Koa, go: () => void, note: Note) =>
      app.use(ctx => {
        const stream = waiting()
        stream.once('close', () => note('closed', stream.destroyed))
        ctx.body = stream
        ctx.res.once('pipe', go)
      })
    const { notes, reported } = await leaving(how, get('/'), setUp, CHUNK)
    expect([notes, reported.length]).toEqual([['closed', true], how === 'reset' ? 2 : 1])
  })

  test.each(ways)('%s, while the middleware works', async how => {
    const { notes, reported } = await leaving(how, get('/'), (app, go, note) =>
      app.use(async ctx => {
        go()
        await closed(ctx)
        note(ctx.writable, ctx.headerSent, ctx.res.destroyed, ctx.req.destroyed, Reflect.get(ctx.req, 'aborted'))
        ctx.body = { late: true }
      }),
    )
    expect([notes, reported.length]).toEqual([[false, false, true, true, true], how === 'reset' ? 1 : 0])
  })

  test.each(ways)('%s, and then the middleware fails', async how => {
    const { reported } = await leaving(how, get('/'), (app, go) =>
      app.use(async ctx => {
        go()
        await closed(ctx)
        throw new Error('late')
      }),
    )
    expect(reported.at(-1)).toBe('Error headerSent late on /')
  })

  test.each(ways)('%s, before the middleware sends what it has', async how => {
    await leaving(how, get('/'), (app, go) =>
      app.use(async ctx => {
        ctx.body = waiting()
        go()
        await closed(ctx)
      }),
    )
  })

  test.each(ways)('%s, while they send', async how => {
    const request = post('/', 'x'.repeat(100), { 'Content-Length': '1000' })
    const { notes } = await leaving(how, request, (app, go, note) =>
      app.use(async ctx => {
        ctx.req.once('data', go)
        const failed: unknown = await ctx.req.toArray().catch((error: unknown) => error)
        note((failed as NodeJS.ErrnoException).code)
        ctx.body = 'x'
      }),
    )
    expect(notes).toEqual(['ECONNRESET'])
  })

  test.each(ways)('%s, after a response, on a connection that is kept', async how => {
    const setUp = (app: Koa, go: () => void) =>
      app.use(ctx => {
        ctx.res.once('finish', go)
        ctx.body = 'end'
      })
    const { reported } = await leaving(how, open('/'), setUp, 'end')
    expect(reported).toEqual([])
  })

  test.each(ways)('%s, during the second response on a connection', async how => {
    const setUp = (app: Koa, go: () => void) =>
      app.use(ctx => {
        ctx.body = ctx.url === '/1' ? 'end' : waiting()
        if (ctx.url === '/2') ctx.res.once('pipe', go)
      })
    const { reported } = await leaving(how, open('/1') + open('/2'), setUp, CHUNK)
    expect(reported.every(each => each.endsWith('on /2'))).toBe(true)
  })

  describe.each([2, 3])('with %d requests on the way', count => {
    const requests = Array.from({ length: count }, (_, index) => open(`/${index}`)).join('')

    test.each(ways)('%s, when none is answered', async how => {
      await leaving(how, requests, (app, go) =>
        app.use(async ctx => {
          if (ctx.url === `/${count - 1}`) go()
          await closed(ctx)
          ctx.body = 'late'
        }),
      )
    })

    test.each(ways)('%s, when the first one is not answered', async how => {
      await leaving(how, requests, (app, go) =>
        app.use(async ctx => {
          if (ctx.url === `/${count - 1}`) void settled().then(go)
          if (ctx.url === '/0') await closed(ctx)
          ctx.body = 'x'
        }),
      )
    })

    test.each(ways)('%s, when the first one is answered', async how => {
      const setUp = (app: Koa, go: () => void) =>
        app.use(async ctx => {
          if (ctx.url === `/${count - 1}`) go()
          if (ctx.url !== '/0') await closed(ctx)
          ctx.body = 'answered'
        })
      await leaving(how, requests, setUp, 'answered')
    })
  })
})

describe('connections that the application ends itself', () => {
  const acts: [string, (ctx: Koa.Context) => unknown][] = [
    ['the socket, with an error', ctx => ctx.socket.destroy(new Error('boom'))],
    ['the socket, without one', ctx => ctx.socket.destroy()],
    ['the socket, with an error twice', ctx => ctx.socket.destroy(new Error('a')).destroy(new Error('b'))],
    ['the response, with an error', ctx => ctx.res.destroy(new Error('boom'))],
    ['the response, without one', ctx => ctx.res.destroy()],
    ['the request, with an error', ctx => ctx.req.destroy(new Error('boom'))],
    ['the request, without one', ctx => ctx.req.destroy()],
    ['an error event of the socket', ctx => ctx.socket.emit('error', new Error('emitted'))],
    ['the end of the socket', ctx => ctx.socket.end()],
  ]
  test.each(acts)('%s', async (_, act) => {
    for (const when of ['before', 'after'] as const) {
      await sameOver(sends(get('/')), app =>
        app.use(async ctx => {
          if (when === 'before') ctx.body = 'x'
          act(ctx)
          if (when === 'after') await sleep(5)
          ctx.body = 'x'
        }),
      )
    }
  })

  test.each(acts)('%s, while a stream is sent', async (_, act) => {
    await sameOver(sends(get('/')), app =>
      app.use(ctx => {
        ctx.body = waiting()
        setTimeout(() => {
          act(ctx)
          setTimeout(() => ctx.socket.destroy(), 20)
        }, 10)
      }),
    )
  })

  test('an error of the socket after the response is not emitted', async () => {
    const { reported } = await sameOver(sends(open('/')), app =>
      app.use(ctx => {
        ctx.res.once('finish', () => setImmediate(() => ctx.socket.destroy(new Error('boom'))))
        ctx.body = 'x'
      }),
    )
    expect(reported).toEqual([])
  })
})

describe('several requests on a connection', () => {
  test('are answered in their order, however long each takes', async () => {
    const paths = ['/30', '/1', '/20', '/0']
    const { wire } = await same(
      app =>
        app.use(async ctx => {
          const wait = Number(ctx.path.slice(1))
          if (wait > 0) await sleep(wait)
          ctx.body = `<${wait}>`
        }),
      paths.slice(0, -1).map(open).join('') + get('/0'),
    )
    expect(wire[0]?.match(/<\d+>/g)).toEqual(['<30>', '<1>', '<20>', '<0>'])
  })

  test('of every kind, one after the other', async () => {
    const bodies: ((ctx: Koa.Context) => unknown)[] = [
      () => 'text',
      () => ({ a: 1 }),
      () => null,
      () => Readable.from(['a', 'b']),
      ctx => ctx.throw(400, 'bad'),
      ctx => ctx.res.end('past Koa'),
      ctx => ((ctx.status = 304), null),
    ]
    const paths = bodies.map((_, index) => `/${index}`)
    const { wire } = await same(
      app =>
        app.use(async ctx => {
          const body = bodies[Number(ctx.path.slice(1))]?.(ctx)
          if (!ctx.res.writableEnded) ctx.body = body
        }),
      paths.map(open).join('') + get('/0'),
      [...paths].reverse().map(open).join('') + get('/1'),
    )
    expect(wire[0]?.match(/HTTP\/1.1 \d+/g)).toHaveLength(8)
  })

  test('bodies that the application does not read', async () => {
    const request = post('/', 'x'.repeat(1000), { Connection: 'keep-alive' })
    const { wire } = await same(app => app.use(ctx => void (ctx.body = 'x')), request + request + get('/'))
    expect(wire[0]?.match(/200 OK/g)).toHaveLength(3)
  })

  test('leave nothing behind on the socket', async () => {
    const { notes } = await sameOver(
      sends(`${Array.from({ length: 40 }, () => open('/')).join('')}${get('/last')}`),
      (app, note) =>
        app.use(async ctx => {
          await sleep(0)
          if (ctx.url === '/last') note(ctx.socket.listenerCount('error') < 10, ctx.socket.listenerCount('close') < 10)
          ctx.body = 'x'
        }),
    )
    expect(notes).toEqual([true, true])
  })

  test('one after the other leave nothing behind on the socket', async () => {
    const { notes } = await sameOver(
      client(open('/'), async (socket, received) => {
        for (let sent = 1; sent < 20; sent++) {
          await until(`response ${sent} has come`, () => received().split('end').length > sent)
          socket.write(sent === 19 ? get('/last') : open('/'))
        }
      }),
      (app, note) =>
        app.use(ctx => {
          if (ctx.url === '/last') note(ctx.socket.listenerCount('error') < 5, ctx.socket.listenerCount('close') < 8)
          ctx.body = 'end'
        }),
    )
    expect(notes).toEqual([true, true])
  })
})

test.each([
  ['nonsense', 'nonsense\r\n\r\n'],
  ['a field without a name', 'GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n'],
  ['no host', 'GET / HTTP/1.1\r\n\r\n'],
  ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
  ['fields too long', get('/', { 'X-Long': 'x'.repeat(20_000) })],
  ['CONNECT', get('localhost:80', {}, 'CONNECT')],
  ['an upgrade', get('/', { Connection: 'Upgrade', Upgrade: 'websocket' }) + get('/')],
])('a request that never gets to the middleware, or might: %s', async (_, request) => {
  const { reported } = await sameOver(sends(request), app =>
    app.use(ctx => {
      ctx.res.once('finish', () => ctx.socket.end())
      ctx.body = 'x'
    }),
  )
  expect(reported).toEqual([])
})
