import { once } from 'node:events'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import fsPromises from 'node:fs/promises'
import { constants } from 'node:http2'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  BeforeRequest,
  bootstrap,
  gracefulShutdown,
  lifecycle,
  Post,
  streamWithContext,
  TeardownRequest,
  UploadedFile,
  type BootstrapOptions,
  type Context,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import Koa from 'koa'
import { z } from 'zod'
import { post } from '../support/declared'
import { log, note } from '../support/log'
import { MULTIPART, multipart, part } from '../support/multipart'
import { patience } from '../support/pace'
import { protocols, sendHttp1 } from '../support/send'
import { portOf, serve, serveHttp2 } from '../support/serve'
import { filesLeft, temporary } from '../support/uploads'
import { until } from '../support/until'
import { worlds } from '../support/worlds'

const TWO_FILES = multipart([
  part('a', '1'),
  part('file', 'hello', 'a.txt', 'text/plain'),
  part('a', '2'),
  part('empty', '', 'e.bin'),
  part('none', '', '', 'application/octet-stream'),
])

async function shown(file: UploadedFile) {
  const { type, size, path } = file
  return [file.name, type, size, await file.text(), path !== undefined && existsSync(path)]
}

const fileOf = async ({ request }: Context, name = 'file') => (await request.form()).files.get(name) as UploadedFile

class App {
  @Post('/form') async form({ request }: Context) {
    const form = await request.form()
    return { fields: [...form], files: await Promise.all([...form.files].map(([, file]) => shown(file))) }
  }
  @post('/declared', { form: z.object({ a: z.string(), file: z.file().min(3).max(100).mime(['text/plain']) }) })
  async declared({ form }: { form: { a: string; file: UploadedFile } }) {
    return [form.a, form.file instanceof UploadedFile, await shown(form.file)]
  }
  @Post('/json') async json(ctx: Context) {
    return { file: await fileOf(ctx) }
  }
  @Post('/thrown') async thrown(ctx: Context): Promise<never> {
    await fileOf(ctx)
    throw new Error('after the upload')
  }
  @Post('/stream') async stream(ctx: Context) {
    const file = await fileOf(ctx)
    return streamWithContext(async function* () {
      yield 'file: '
      await sleep(5)
      yield await file.text()
    })
  }
  @Post('/echo') async echo(ctx: Context) {
    return (await fileOf(ctx)).read()
  }
  @TeardownRequest() async teardown(error: Error | undefined, ctx: Context) {
    const files = await ctx.request.form().then(
      form => [...form.files].map(([, { name, path }]) => `${name} ${existsSync(path as string)}`),
      () => [],
    )
    note(`teardown ${[error?.name ?? 'none', ...files].join(', ')}`)
  }
}

describe.each(protocols)('files over %s', (_, serving) => {
  const withApp = (use: Parameters<typeof serving>[1], options: BootstrapOptions = {}) =>
    serving(bootstrap(App, { logger: false, ...options }), use)

  test('are on disk until the request has been torn down, and fields are texts', () =>
    withApp(async send => {
      const [status, text] = await send({ path: '/form', type: MULTIPART, body: TWO_FILES })
      const files = [
        ['a.txt', 'text/plain', 5, 'hello', true],
        ['e.bin', 'text/plain', 0, '', true],
      ]
      const fields = [
        ['a', '1'],
        ['a', '2'],
      ]
      expect([status, JSON.parse(text)]).toEqual([200, { fields, files }])
      expect(log).toEqual(['teardown none, a.txt true, e.bin true'])
      expect(filesLeft()).toEqual([])
    }))

  test('do not tell in JSON where they are', () =>
    withApp(async send => {
      const body = multipart([part('file', 'hello', 'a.txt')])
      expect(await send({ path: '/json', type: MULTIPART, body })).toEqual([200, '{"file":{}}'])
    }))

  test('are checked by the schema of the route, and gone after a 422', () =>
    withApp(async send => {
      const sent = (content: string, type: string) =>
        send({
          path: '/declared',
          type: MULTIPART,
          body: multipart([part('a', '1'), part('file', content, 'a.txt', type)]),
        })
      expect(JSON.parse((await sent('hello', 'text/plain'))[1])).toEqual([
        '1',
        true,
        ['a.txt', 'text/plain', 5, 'hello', true],
      ])
      const [status, text] = await sent('he', 'text/html')
      expect([
        status,
        (JSON.parse(text) as { errors: { pointer: string }[] }).errors.map(({ pointer }) => pointer),
      ]).toEqual([422, ['#/file', '#/file']])
      expect(log).toEqual(['teardown none, a.txt true', 'teardown none, a.txt true'])
      expect(filesLeft()).toEqual([])
    }))

  test('are there in the teardown of a failed request, and of one whose teardown waits under debug', async () => {
    const body = multipart([part('file', 'hello', 'a.txt')])
    await withApp(async send => {
      expect((await send({ path: '/thrown', type: MULTIPART, body }))[0]).toBe(500)
      expect(log).toEqual(['teardown Error, a.txt true'])
      expect(filesLeft()).toEqual([])
    })
    log.length = 0
    await withApp(
      async send => {
        expect((await send({ path: '/thrown', type: MULTIPART, body }))[0]).toBe(500)
        expect([log, filesLeft().length]).toEqual([[], 2])
        await send({ path: '/form' })
        expect(log).toEqual(['teardown Error, a.txt true', 'teardown none'])
        expect(filesLeft()).toEqual([])
      },
      { debug: true },
    )
  })

  test('are there until a stream with the context has ended; a stream of a file may outlive it', () =>
    withApp(async send => {
      const body = multipart([part('file', 'hello', 'a.txt')])
      expect(await send({ path: '/stream', type: MULTIPART, body })).toEqual([200, 'file: hello'])
      await until('the request is torn down', () => log.length > 0)
      expect(log).toEqual(['teardown none, a.txt true'])
      expect(await send({ path: '/echo', type: MULTIPART, body })).toEqual([200, 'hello'])
      await until('the files are removed', () => filesLeft().length === 0)
    }))
})

describe.each(worlds)('a form, %s', (_, make) => {
  test('can be read in front of the lifecycle: its files are there until the response is sent', async () => {
    const early = async (ctx: Context, next: Koa.Next) => {
      if (ctx.method === 'GET') return next()
      const form = await ctx.request.form()
      note(`outside ${form.files.size} ${filesLeft().length}`)
      await next()
      note(`outside again ${filesLeft().length}`)
    }
    const app = make(App, [early as unknown as Koa.Middleware])
    // A plain Koa has the methods once the lifecycle has had a request.
    await testClient(app).get('/')
    log.length = 0
    await serve(app, async url => {
      const [status] = await sendHttp1(`${url}/form`, { type: MULTIPART, body: TWO_FILES })
      expect(status).toBe(200)
      await until('the files are removed', () => filesLeft().length === 0)
    })
    expect(log).toEqual(['outside 2 3', 'teardown none, a.txt true, e.bin true', 'outside again 3'])
  })
})

describe('an uploaded file', () => {
  /** Runs `use` in a request with one file. */
  async function withFile<T>(
    use: (file: UploadedFile, ctx: Context) => T,
    content = 'content',
    memory = 0,
  ): Promise<T> {
    let result: Promise<T> | undefined
    class One {
      @Post('/') async index(ctx: Context) {
        result = Promise.resolve(use(await fileOf(ctx), ctx))
        await result.catch(() => undefined)
        return 'done'
      }
    }
    const app = bootstrap(One, { logger: false, limits: { memory } })
    await serve(app, url =>
      sendHttp1(url, { type: MULTIPART, body: multipart([part('file', content, 'a.txt', 'Text/Plain; charset=x')]) }),
    )
    return result as Promise<T>
  }

  describe.each([
    ['on disk', 0],
    ['in memory', 1000],
  ])('%s', (_, memory) => {
    const using = <T>(use: (file: UploadedFile, ctx: Context) => T, content?: string) => withFile(use, content, memory)

    test('is a File', async () => {
      await using(async file => {
        expect(file).toBeInstanceOf(File)
        expect([file.name, file.type, file.size, file.path === undefined]).toEqual([
          'a.txt',
          'text/plain',
          7,
          memory > 0,
        ])
        expect(await file.text()).toBe('content')
        expect(Buffer.from(await file.arrayBuffer()).toString()).toBe('content')
        expect(Buffer.from(await file.bytes()).toString()).toBe('content')
        expect(await new Response(file.stream()).text()).toBe('content')
        expect(Buffer.concat(await file.read().toArray()).toString()).toBe('content')
        const form = new FormData()
        form.append('file', file)
        expect(await new Response(form).text()).toContain('content')
      })
    })

    test.each([
      [[], 'content'],
      [[1], 'ontent'],
      [[1, 3], 'on'],
      [[-3], 'ent'],
      [[-3, -1], 'en'],
      [[5, 2], ''],
      [[0, 0], ''],
      [[100], ''],
      [[-100, 100], 'content'],
    ] as [number[], string][])('slice(%j) is as of a Blob', async (range, expected) => {
      await using(async file => {
        const slice = file.slice(...range)
        const blob = new Blob(['content']).slice(...range)
        expect([await blob.text(), blob.size]).toEqual([expected, expected.length])
        expect([await slice.text(), slice.size]).toEqual([expected, expected.length])
        expect(Buffer.from(await slice.arrayBuffer()).toString()).toBe(expected)
        expect(Buffer.from(await (slice as UploadedFile).bytes()).toString()).toBe(expected)
        expect(await new Response(slice.stream()).text()).toBe(expected)
        expect(await slice.slice(1, 2).text()).toBe(expected.slice(1, 2))
        expect(file.slice(0, 1, 'image/png').type).toBe('image/png')
      })
    })

    test('is moved once, and read at its new place from then on', async () => {
      const target = `${temporary}-moved`
      await using(async file => {
        await file.moveTo(target)
        const moved = `the uploaded file was moved to ${target}: read it there`
        await expect(file.text()).rejects.toThrow(moved)
        expect(() => file.read()).toThrow(moved)
        await expect(file.moveTo(target)).rejects.toThrow(moved)
      })
      expect(readFileSync(target, 'utf8')).toBe('content')
      // As any file that the process writes, not for its user alone.
      writeFileSync(`${target}-other`, '')
      expect(statSync(target).mode).toBe(statSync(`${target}-other`).mode)
      for (const each of [target, `${target}-other`]) await fsPromises.rm(each)
    })

    test('is still there when it could not be moved', async () => {
      await using(async file => {
        await expect(file.moveTo(join(temporary, 'missing', 'a.txt'))).rejects.toThrow('ENOENT')
        expect(await file.text()).toBe('content')
      })
    })

    test('can not be read after its request', async () => {
      const file = await using(each => each)
      const gone = 'the uploaded file is gone: a request removes its files when it ends'
      expect(() => file.read()).toThrow(gone)
      expect(() => file.stream()).toThrow(gone)
      await expect(file.text()).rejects.toThrow(gone)
      await expect(file.slice(1).text()).rejects.toThrow(gone)
      await expect(file.moveTo(join(temporary, 'late'))).rejects.toThrow(gone)
    })

    test('may be empty', async () => {
      await using(async file => {
        expect([file.size, await file.text(), (await file.read().toArray()).length]).toEqual([0, '', 0])
      }, '')
    })
  })

  test('is copied to another disk', async () => {
    const target = `${temporary}-copied`
    jest
      .spyOn(fsPromises, 'rename')
      .mockRejectedValueOnce(Object.assign(new Error('cross-device link not permitted'), { code: 'EXDEV' }))
    await withFile(file => file.moveTo(target))
    expect(readFileSync(target, 'utf8')).toBe('content')
    await fsPromises.rm(target)
  })

  test('that is moved when its request ends says so', async () => {
    const rename = jest.spyOn(fsPromises, 'rename')
    let fail: (error: Error) => void = () => {}
    rename.mockImplementationOnce(() => new Promise((_, reject) => (fail = reject)))
    const moving = await withFile(file => ({ promise: file.moveTo(join(temporary, 'late')) }))
    fail(Object.assign(new Error('no such file'), { code: 'ENOENT' }))
    await expect(moving.promise).rejects.toThrow('the uploaded file is gone')
  })

  test('is in memory up to the limit, and no other user can read what is on disk', async () => {
    class Sizes {
      @Post('/') async index({ request }: Context) {
        const { files } = await request.form()
        const [directory] = filesLeft()
        note((statSync(join(temporary, directory as string)).mode & 0o777).toString(8))
        return Promise.all([...files].map(async ([, file]) => [file.path === undefined, await file.text()]))
      }
    }
    const app = bootstrap(Sizes, { logger: false, limits: { memory: 5 } })
    await serve(app, async url => {
      const body = multipart([part('a', '12345', 'a'), part('b', '123456', 'b'), part('c', '', 'c')])
      const [, text] = await sendHttp1(url, { type: MULTIPART, body })
      expect(JSON.parse(text)).toEqual([
        [true, '12345'],
        [false, '123456'],
        [true, ''],
      ])
    })
    expect(log).toEqual(['700'])
  })
})

describe('the end of a request in the middle of an upload', () => {
  /** A request with one file, of which the end is missing. */
  const begun = (path: string) =>
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${MULTIPART}\r\nContent-Length: 300000\r\n\r\n` +
    multipart([part('first', 'whole', 'whole.txt'), part('file', 'x'.repeat(100_000), 'a.txt')], '').toString()

  class Slow {
    @BeforeRequest note(ctx: Context) {
      note('before')
      ctx.signal.addEventListener('abort', () => note('aborted'))
    }
    @post('/', { form: z.unknown() }) view() {
      return 'never'
    }
    @Post('/parts') async parts({ request }: Context) {
      for await (const { stream } of request.parts()) if (stream) await stream.toArray()
      return 'never'
    }
    @TeardownRequest teardown(error?: Error) {
      note(`teardown ${error?.name} ${(error as { code?: string } | undefined)?.code}`)
    }
  }

  const arrived = () => until('the file arrives', () => filesLeft().length === 3)

  test.each(['/', '/parts'])('an abort: teardown gets it, and nothing is logged (%s)', async path => {
    const logged: unknown[] = []
    const app = bootstrap(Slow, { logger: { error: (...args: unknown[]) => logged.push(args) } })
    app.on('error', error => logged.push(error))
    await serve(app, async url => {
      const socket = connect(portOfUrl(url), '127.0.0.1')
      socket.write(begun(path))
      if (path === '/') await arrived()
      else await until('the request arrives', () => log.length > 0)
      socket.destroy()
      await until('the request is torn down', () => log.length > 2)
    })
    expect(log).toEqual(['before', 'aborted', 'teardown AbortError ABORT_ERR'])
    expect(logged).toEqual([])
    expect(filesLeft()).toEqual([])
  })

  test('requestTimeout: a 503, and the connection is closed', async () => {
    const app = bootstrap(Slow, { logger: false, requestTimeout: patience(30) })
    await serve(app, async url => {
      const socket = connect(portOfUrl(url), '127.0.0.1')
      socket.write(begun('/'))
      await arrived()
      let received = ''
      socket.setEncoding('latin1').on('data', text => (received += text))
      await once(socket, 'close')
      expect(received).toMatch(/^HTTP\/1.1 503/)
    })
    expect(log).toEqual(['before', 'aborted', 'teardown undefined undefined'])
    expect(filesLeft()).toEqual([])
  })

  test('a shutdown, also if the removal takes longer than a teardown may', async () => {
    const { rm } = fsPromises
    jest.spyOn(fsPromises, 'rm').mockImplementationOnce(async (...args) => {
      await new Promise(resolve => setTimeout(resolve, 300)) // some rounds of aborting
      return rm(...args)
    })
    const app = bootstrap(Slow, { logger: false })
    const server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { close, uninstall } = gracefulShutdown(server, { timeout: patience(30), logger: false })
    uninstall()
    const socket = connect(portOf(server), '127.0.0.1')
    socket.resume().on('error', () => undefined)
    socket.write(begun('/'))
    await arrived()
    await close()
    expect(log.slice(0, 2)).toEqual(['before', 'aborted'])
    expect(filesLeft()).toEqual([])
  })

  test('a view that does not wait for its form: no file is written behind its end', async () => {
    const errors: unknown[] = []
    class Hasty {
      @Post('/') index({ request }: Context) {
        request.form().catch((error: unknown) => errors.push(error))
        return 'done'
      }
    }
    await serve(bootstrap(Hasty, { logger: false }), async url => {
      const socket = connect(portOfUrl(url), '127.0.0.1')
      socket.write(begun('/'))
      await once(socket, 'data')
      await until('the form has failed', () => errors.length > 0)
      socket.destroy()
    })
    expect(String(errors[0])).toMatch('POST /: the request has ended, and with it the reading of its form')
    expect(filesLeft()).toEqual([])
  })

  test('an abort over HTTP/2, of a body without a length', async () => {
    await serveHttp2(bootstrap(Slow, { logger: false }), async session => {
      const stream = session.request({ ':method': 'POST', 'content-type': MULTIPART })
      stream.on('error', () => undefined)
      // So much that its end is not on its way yet.
      stream.write(multipart([part('first', 'whole', 'whole.txt'), part('file', 'x'.repeat(9_000_000), 'a.txt')], ''))
      await arrived()
      stream.close(constants.NGHTTP2_CANCEL)
      await until('the request is torn down', () => log.length > 2)
    })
    expect(log).toEqual(['before', 'aborted', 'teardown AbortError ABORT_ERR'])
    expect(filesLeft()).toEqual([])
  })
})

const portOfUrl = (url: string) => Number(new URL(url).port)

test('a lifecycle in a plain Koa removes the files as well', async () => {
  const app = new Koa()
  app.silent = true
  app.use(lifecycle(App))
  await serve(app, async url => {
    expect((await sendHttp1(`${url}/form`, { type: MULTIPART, body: TWO_FILES }))[0]).toBe(200)
  })
  expect(log).toEqual(['teardown none, a.txt true, e.bin true'])
  expect(filesLeft()).toEqual([])
})
