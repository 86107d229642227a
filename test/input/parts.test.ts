import { once } from 'node:events'
import { connect } from 'node:net'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { bootstrap, Post, streamWithContext, TeardownRequest, type Context, type FilePart } from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { z } from 'zod'
import { Gate } from '../support/gate'
import { log, note } from '../support/log'
import { MULTIPART, multipart, part } from '../support/multipart'
import { protocols, sendHttp1 } from '../support/send'
import { serve } from '../support/serve'
import { filesLeft } from '../support/uploads'
import { until } from '../support/until'

const BODY = multipart([
  part('a', '1'),
  part('f', 'x'.repeat(200_000), '../f.txt', 'text/css'),
  part('none', '', ''),
  part('g', 'yy', 'g.txt'),
  part('b', '2'),
])

const sizeOf = async ({ stream }: FilePart) => Buffer.concat((await stream.toArray()) as Buffer[]).length

class App {
  @Post('/all') async all({ request }: Context) {
    const seen: unknown[] = []
    for await (const each of request.parts()) {
      if (each.stream === undefined) seen.push([each.name, each.value])
      else seen.push([each.name, each.filename, each.type, await sizeOf(each)])
    }
    return [...seen, filesLeft().length]
  }
  @Post('/skipping') async skipping({ request }: Context) {
    const names: string[] = []
    for await (const { name } of request.parts()) names.push(name)
    return names
  }
  @Post('/half') async half({ request }: Context) {
    const names: string[] = []
    for await (const { name, stream } of request.parts()) {
      names.push(name)
      if (stream) await once(stream, 'readable')
      stream?.read(10)
    }
    return names
  }
  @Post('/destroyed') async destroyed({ request }: Context) {
    const names: string[] = []
    for await (const { name, stream } of request.parts()) {
      names.push(name)
      stream?.destroy(new Error('unwanted'))
    }
    return names
  }
  @Post('/early') async early({ request }: Context) {
    for await (const { name } of request.parts()) return [name]
    return 'none'
  }
  @Post('/broken') async broken({ request }: Context) {
    for await (const { stream } of request.parts()) {
      const full = new PassThrough({ write: (_chunk, _encoding, done) => done(new Error('the storage is full')) })
      if (stream) await pipeline(stream, full)
    }
    return 'never'
  }
  @Post('/first') async first({ request }: Context) {
    const { value } = await request.parts().next()
    return [(value as FilePart | undefined)?.name]
  }
  @Post('/duplex') duplex({ request }: Context) {
    return streamWithContext(async function* () {
      for await (const { name } of request.parts()) yield `${name};`
    })
  }
}

describe.each(protocols)('request.parts() over %s', (_, serving) => {
  const answer = async (path: string, body: Buffer | undefined = BODY, type = MULTIPART) => {
    let answered: unknown
    await serving(bootstrap(App, { logger: false }), async send => {
      answered = await send({ path, type, body })
      // The connection goes on.
      expect(await send({ path: '/all', type: MULTIPART, body: multipart([part('a', '1')]) })).toEqual([
        200,
        '[["a","1"],0]',
      ])
    })
    return answered
  }

  test('gives the parts as they arrive, unwritten', async () => {
    expect(await answer('/all')).toEqual([
      200,
      JSON.stringify([['a', '1'], ['f', 'f.txt', 'text/css', 200_000], ['g', 'g.txt', 'text/plain', 2], ['b', '2'], 0]),
    ])
  })

  test.each(['/skipping', '/half', '/destroyed'])('skips what is not read: %s', async path => {
    expect(await answer(path)).toEqual([200, '["a","f","g","b"]'])
  })

  test.each(['/early', '/first'])('may be left early: %s', async path => {
    expect(await answer(path)).toEqual([200, '["a"]'])
  })

  test('an error of what a file is piped to is an error of the view', async () => {
    expect(await answer('/broken')).toEqual([500, expect.anything()])
  })

  test('in a stream with the context', async () => {
    expect(await answer('/duplex')).toEqual([200, 'a;f;g;b;'])
  })

  test('no body, and another type', async () => {
    await serving(bootstrap(App, { logger: false }), async send => {
      expect(await send({ path: '/all' })).toEqual([200, '[0]'])
      expect((await send({ path: '/all', type: 'text/plain', body: 'a' }))[0]).toBe(415)
      expect((await send({ path: '/all', body: 'a' }))[0]).toBe(415)
    })
  })

  test('once for each body: before or after it the other methods are a clear error', async () => {
    class Twice {
      @Post('/<first>/<second>') async index(values: { first: string; second: string }, { request }: Context) {
        const call = async (method: string) => {
          if (method === 'parts') for await (const _ of request.parts()) note('part')
          else await (request as unknown as Record<string, () => Promise<unknown>>)[method]?.()
        }
        await call(values.first)
        return call(values.second).then(
          () => 'done',
          (error: unknown) => String(error),
        )
      }
    }
    const body = multipart([part('a', '1')])
    await serving(bootstrap(Twice, { logger: false }), async send => {
      const both = async (first: string, second: string) =>
        (await send({ path: `/${first}/${second}`, type: MULTIPART, body }))[1]
      const after = (method: string, by: string) =>
        `Error: POST /${by}/${method}: request.${method}() comes after request.${by}(), which has read the body and does not ` +
        'keep it. Leave one of them out, or call request.bytes() first, which keeps the body.'
      expect(await both('parts', 'form')).toBe(after('form', 'parts'))
      expect(await both('form', 'parts')).toBe(after('parts', 'form'))
      expect(await both('parts', 'parts')).toBe(after('parts', 'parts'))
      expect(await both('parts', 'bytes')).toBe(after('bytes', 'parts'))
      expect(await both('form', 'bytes')).toBe(after('bytes', 'form'))
      expect(await both('form', 'text')).toBe(
        'Error: POST /form/text: request.bytes() comes after request.form(), which has ' +
          'read the body and does not keep it. Leave one of them out, or call request.bytes() first, which keeps the body.',
      )
      for (const first of ['bytes', 'text', 'form']) expect(await both(first, 'form')).toBe('done')
      expect(await both('bytes', 'parts')).toBe('done')
    })
  })
})

test('in a route that declares a form the error names the option', async () => {
  class Declared {
    @Post('/', { form: z.object({ a: z.string() }) })
    async index(_: unknown, { request }: Context) {
      return request
        .parts()
        .next()
        .catch((error: unknown) => String(error))
    }
  }
  const headers = { 'content-type': MULTIPART }
  const { text } = await testClient(bootstrap(Declared)).post('/', { body: multipart([part('a', '1')]), headers })
  expect(text).toBe(
    "Error: POST /: request.parts() comes after the route's option form, which has read the body and does not keep it. " +
      'Leave one of them out, or call request.bytes() in a before method, which keeps the body.',
  )
})

test('nothing more is read from the connection as long as a part is not read', async () => {
  const gate = new Gate()
  let bytesRead = () => 0
  class Waiting {
    @Post('/') async index({ request, req }: Context) {
      bytesRead = () => req.socket.bytesRead
      const sizes: number[] = []
      for await (const each of request.parts()) {
        if (each.name === 'f') await gate.pass()
        if (each.stream !== undefined) sizes.push(await sizeOf(each))
      }
      return sizes
    }
  }
  await serve(bootstrap(Waiting, { logger: false }), async url => {
    const body = multipart([part('f', 'x'.repeat(15_000_000), 'f'), part('g', 'y', 'g')])
    const answer = sendHttp1(url, { type: MULTIPART, body })
    await gate.reached
    let before = -1
    await until('nothing more is read', async () => {
      const now = bytesRead()
      const isSame = now === before
      before = now
      await new Promise(resolve => setTimeout(resolve, 50)) // to see that nothing happens
      return isSame
    })
    expect(bytesRead()).toBeLessThan(1_000_000)
    gate.open()
    expect(await answer).toEqual([200, '[15000000,1]'])
  })
})

test('a file that is being read gets the error of the form, and an abort', async () => {
  class Reading {
    @Post('/') async index({ request }: Context) {
      for await (const { stream } of request.parts()) {
        try {
          await stream?.toArray()
        } catch (error) {
          note(`${(error as Error).name} ${(error as { status?: number }).status}`)
          throw error
        }
      }
      return 'never'
    }
    @Post('/waiting') async waiting({ request }: Context) {
      for await (const { stream } of request.parts()) stream?.resume()
      return 'never'
    }
    @TeardownRequest teardown(error?: Error) {
      note(`teardown ${error?.name ?? 'none'}`)
    }
  }
  const app = bootstrap(Reading, { logger: false, limits: { fileSize: 1_000_000 } })
  await serve(app, async url => {
    const body = multipart([part('f', 'x'.repeat(1_000_001), 'f')])
    expect((await sendHttp1(url, { type: MULTIPART, body }))[0]).toBe(413)
    expect(log.splice(0)).toEqual(['PayloadTooLargeError 413', 'teardown none'])
    for (const path of ['/', '/waiting']) {
      const socket = connect(Number(new URL(url).port), '127.0.0.1')
      socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: ${MULTIPART}\r\nContent-Length: 5000\r\n\r\n`)
      socket.write(multipart([part('f', 'x'.repeat(100), 'f'), part('g', '', '')], '').subarray(0, -2), () =>
        socket.destroy(),
      )
      await until('the request is torn down', () => log.some(each => each.startsWith('teardown')))
      expect(log.splice(0).at(-1)).toBe('teardown AbortError')
    }
  })
})

test('a client that leaves when the whole form is here: the next part gives the reason of the signal', async () => {
  const gate = new Gate()
  class Saving {
    @Post('/') async index({ request, signal }: Context) {
      try {
        for await (const { name } of request.parts()) {
          note(name)
          const aborted = once(signal, 'abort')
          await gate.pass()
          await aborted
        }
      } catch (error) {
        note(error === signal.reason ? 'the reason' : String(error))
        throw error
      }
      return 'never'
    }
    @TeardownRequest teardown(error?: Error) {
      note(`teardown ${error?.name}`)
    }
  }
  const app = bootstrap(Saving, { logger: false })
  const reported: unknown[] = []
  app.on('error', error => reported.push(error))
  await serve(app, async url => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    const body = multipart([part('a', '1')])
    socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Type: ${MULTIPART}\r\nContent-Length: ${body.length}\r\n\r\n`)
    socket.write(body)
    await gate.reached
    socket.destroy()
    gate.open()
    await until('teardown has run', () => log.length === 3)
    expect(log).toEqual(['a', 'the reason', 'teardown AbortError'])
  })
  expect(reported).toEqual([])
})
