import { once } from 'node:events'
import { truncateSync, unlinkSync } from 'node:fs'
import fs from 'node:fs/promises'
import { request, type IncomingMessage } from 'node:http'
import type { ClientHttp2Session } from 'node:http2'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { AfterRequest, AfterResponse, Get, TeardownRequest, bootstrap, type Outcome, type Response } from 'flaskoa'
import { sendFile, staticFiles } from 'flaskoa/static'
import { ask } from '../support/ask'
import { folderWith, openFiles, put } from '../support/files'
import { log, note } from '../support/log'
import { serve, serveHttp2 } from '../support/serve'
import { until } from '../support/until'

const BIG = Buffer.alloc(8 * 1024 * 1024, 'abcdefgh')
const root = folderWith({ 'static/big.bin': BIG, 'static/small.txt': 'small' })
const closed = () => until('all files are closed', () => openFiles(root).length === 0)
afterEach(async () => {
  jest.restoreAllMocks()
  await closed()
})

class App {
  @Get('/replaced') replaced() {
    return sendFile('static/big.bin')
  }

  @Get('/other') async other() {
    await sendFile('static/big.bin')
    return sendFile('static/small.txt')
  }

  @AfterRequest() after(response: Response) {
    if (response.ctx.path === '/replaced') response.body = 'replaced'
    return response
  }

  @TeardownRequest() teardown(error: Error | undefined) {
    note(`teardown ${error?.message}`)
  }

  @AfterResponse() access({ status, aborted }: Outcome) {
    note(`${status} ${aborted ? 'aborted' : 'sent'}`)
  }
}

const application = () => {
  const app = bootstrap(App, { root, logger: false, extensions: [staticFiles('static')] })
  app.on('error', (error: Error) => note(`error ${error.message}`))
  return app
}

/** Begins to receive a response, and stops after its first bytes. */
async function begun(url: string): Promise<IncomingMessage> {
  const sent = request(url, { agent: false })
    .on('error', () => undefined)
    .end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  await once(response, 'readable')
  response.on('error', () => undefined)
  return response
}

test('a large file arrives whole, and its parts', async () => {
  await serve(application(), async url => {
    const whole = await ask(`${url}/static/big.bin`)
    expect([whole.status, whole.headers['content-length'], BIG.equals(whole.bytes)]).toEqual([
      200,
      String(BIG.length),
      true,
    ])
    const part = await ask(`${url}/static/big.bin`, { headers: { range: 'bytes=70000-4000000' } })
    expect([part.status, BIG.subarray(70_000, 4_000_001).equals(part.bytes)]).toEqual([206, true])
  })
  expect(log).toEqual(['teardown undefined', '200 sent', 'teardown undefined', '206 sent'])
})

test('a client that leaves closes the file', async () => {
  await serve(application(), async url => {
    const response = await begun(`${url}/static/big.bin`)
    expect(openFiles(root)).toEqual([join(root, 'static/big.bin')])
    response.destroy()
    await closed()
    await until('the request has ended', () => log.length === 2)
  })
  expect(log).toEqual(['teardown undefined', '200 aborted'])
})

test('many clients that leave leave no file open', async () => {
  await serve(application(), async url => {
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const response = await begun(`${url}/static/big.bin?${index}`)
        response.destroy()
      }),
    )
    await closed()
  })
})

test.each(['HEAD /static/big.bin', 'GET /replaced', 'GET /other', 'HEAD /other'])(
  '%s: a file that is not sent is closed',
  async line => {
    const [method, path] = line.split(' ') as [string, string]
    await serve(application(), async url => {
      expect((await ask(url + path, { method })).status).toBe(200)
      await closed()
    })
  },
)

test('a file that is deleted while it is sent arrives whole', async () => {
  const path = join(root, 'static/deleted.bin')
  put(path, BIG)
  await serve(application(), async url => {
    const response = await begun(`${url}/static/deleted.bin`)
    unlinkSync(path)
    expect(BIG.equals(await buffer(response))).toBe(true)
  })
})

test('a file that grows while it is sent arrives as it was', async () => {
  const path = join(root, 'static/growing.bin')
  put(path, BIG)
  await serve(application(), async url => {
    const response = await begun(`${url}/static/growing.bin`)
    await fs.appendFile(path, 'more')
    expect((await buffer(response)).length).toBe(BIG.length)
  })
})

test('a file that becomes shorter while it is sent breaks the response off, and is an error', async () => {
  const path = join(root, 'static/shrinking.bin')
  put(path, BIG)
  await serve(application(), async url => {
    const response = await begun(`${url}/static/shrinking.bin`)
    truncateSync(path, 10)
    await expect(buffer(response)).rejects.toThrow('aborted')
  })
  expect(log).toContain(`error ${path} has become shorter while it was sent, so its response is cut off.`)
})

test('a file that can no longer be read breaks the response off, and is an error', async () => {
  const { open } = fs
  jest.spyOn(fs, 'open').mockImplementationOnce(async (...given) => {
    const handle = await open(...given)
    jest.spyOn(handle, 'read').mockRejectedValue(Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' }))
    return handle
  })
  await serve(application(), async url => {
    await expect(ask(`${url}/static/big.bin`)).rejects.toThrow()
  })
  expect(log).toContain('error EIO: i/o error, read')
})

test('a file without permission is a 500, and an error', async () => {
  const denied = Object.assign(new Error('EACCES: permission denied, open'), { code: 'EACCES' })
  jest.spyOn(fs, 'open').mockRejectedValueOnce(denied)
  await serve(application(), async url => {
    expect((await ask(`${url}/static/small.txt`)).status).toBe(500)
  })
  expect(log).toContain('error EACCES: permission denied, open')
})

describe('over HTTP/2', () => {
  const get = (session: ClientHttp2Session, path: string, fields = {}) => session.request({ ':path': path, ...fields })

  test('whole, in part, not modified and by HEAD', async () => {
    await serveHttp2(application(), async session => {
      const received = async (fields = {}) => {
        const stream = get(session, '/static/big.bin', fields)
        const [headers] = (await once(stream, 'response')) as [Record<string, string>]
        return { headers, bytes: await buffer(stream) }
      }
      const { headers, bytes } = await received()
      expect([headers[':status'], headers['content-length'], BIG.equals(bytes)]).toEqual([
        200,
        String(BIG.length),
        true,
      ])
      const part = await received({ range: 'bytes=-5' })
      expect([part.headers[':status'], part.bytes.toString()]).toEqual([206, 'defgh'])
      const same = await received({ 'if-none-match': headers.etag })
      expect([same.headers[':status'], same.bytes.length]).toEqual([304, 0])
      const head = await received({ ':method': 'HEAD' })
      expect([head.headers[':status'], head.headers['content-length'], head.bytes.length]).toEqual([
        ...[200, String(BIG.length), 0],
      ])
    })
  })

  test('a client that resets its stream closes the file', async () => {
    await serveHttp2(application(), async session => {
      const stream = get(session, '/static/big.bin').on('error', () => undefined)
      await once(stream, 'readable')
      expect(openFiles(root)).toHaveLength(1)
      stream.close(8)
      await closed()
    })
  })
})
