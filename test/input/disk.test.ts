import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import fsPromises from 'node:fs/promises'
import os from 'node:os'
import { join } from 'node:path'
import { ErrorHandler, bootstrap, makeResponse, Post, TeardownRequest, type Context, type HttpError } from 'flaskoa'
import type Koa from 'koa'
import { Gate } from '../support/gate'
import { log, note } from '../support/log'
import { MULTIPART, multipart, part } from '../support/multipart'
import { sendHttp1 } from '../support/send'
import { serve } from '../support/serve'
import { filesLeft, temporary } from '../support/uploads'
import { until } from '../support/until'

class App {
  @Post('/') async index({ request }: Context) {
    return [(await request.form()).files.size]
  }
  @TeardownRequest teardown(error?: Error) {
    note(
      `teardown ${error === undefined ? 'none' : error.message.replaceAll(temporary, 'TMP')}, left ${filesLeft().length}`,
    )
  }
}

class Handling extends App {
  @ErrorHandler(507) full(error: HttpError) {
    note(`handler ${error.status}`)
    return makeResponse(['full', error.status], 200)
  }
}

const BODY = multipart([part('first', 'x', 'f'), part('file', 'x'.repeat(1000), 'f'), part('last', 'x', 'l')])

/** Uploads two files; what is reported is in the log. */
async function upload(controller = App, body = BODY): Promise<[number, string]> {
  const app = bootstrap(controller, { logger: false })
  app.on('error', (error: Error) => note(`reported ${error.message.replaceAll(temporary, 'TMP')}`))
  let answer: [number, string] = [0, '']
  await serve(app, async url => {
    answer = await sendHttp1(url, { type: MULTIPART, body })
  })
  return answer
}

/** Has the second file that is opened be one that has no room. */
function fillDisk(): void {
  jest.restoreAllMocks()
  jest.spyOn(os, 'tmpdir').mockImplementation(() => temporary)
  const { open } = fsPromises
  let count = 0
  jest
    .spyOn(fsPromises, 'open')
    .mockImplementation((path, ...rest) => open(count++ === 1 ? '/dev/full' : path, ...(count === 2 ? ['w'] : rest)))
}

test('a full disk is a 507, which is reported, and nothing is left', async () => {
  fillDisk()
  const message = "POST /: an uploaded file can't be written below TMP: ENOSPC: no space left on device, write"
  expect((await upload())[0]).toBe(507)
  expect(log).toEqual([`reported ${message}`, 'teardown none, left 0'])
  log.length = 0
  fillDisk()
  expect(await upload(Handling)).toEqual([200, '["full",507]'])
  expect(log).toEqual([`reported ${message}`, 'handler 507', 'teardown none, left 0'])
})

test('so is a file that is too large for the process', () => {
  const program = [process.execPath, '--import', 'tsx', join(__dirname, 'disk-full.ts')]
  const env = { ...process.env, TMPDIR: temporary, TSX_DISABLE_CACHE: '1' }
  const { stdout } = spawnSync('sh', ['-c', 'ulimit -f 4000; exec "$@"', 'sh', ...program], {
    ...{ cwd: join(__dirname, '../..'), env, encoding: 'utf8' },
  })
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .filter(line => !line.startsWith('    at ')),
  ).toEqual([
    'teardown 1',
    '200 0',
    expect.stringContaining("an uploaded file can't be written below"),
    'teardown 0',
    '507 0',
  ])
})

test('a directory for temporary files that does not exist is a 500 that says so', async () => {
  jest.spyOn(os, 'tmpdir').mockImplementation(() => `${temporary}/missing`)
  expect((await upload())[0]).toBe(500)
  expect(log.map(each => each.replace(/(ENOENT).*(\. TMPDIR)/, '$1$2'))).toEqual(
    [
      "reported POST /: an uploaded file can't be written below TMP/missing: ENOENT. TMPDIR names another directory.",
      "teardown POST /: an uploaded file can't be written below TMP/missing: ENOENT. TMPDIR names another directory., left 0",
    ].map(each => each.replace(/(ENOENT).*(\. TMPDIR)/, '$1$2')),
  )
})

test('a form without files needs no directory', async () => {
  const made = jest.spyOn(fsPromises, 'mkdtemp')
  expect(await upload(App, multipart([part('a', '1')]))).toEqual([200, '[0]'])
  expect(made).not.toHaveBeenCalled()
})

test('a directory that can not be removed is reported, and the answer is as it was', async () => {
  const failure = () => jest.spyOn(fsPromises, 'rm').mockRejectedValueOnce(new Error('the disk is gone'))
  failure()
  expect(await upload()).toEqual([200, '[3]'])
  expect(log).toEqual(['teardown none, left 4', 'reported the disk is gone'])
  log.length = 0
  failure()
  expect((await upload(App, BODY.subarray(0, -20)))[0]).toBe(400)
  expect(log).toEqual(
    ['teardown none, left 7', 'reported the disk is gone'].map(
      each => expect.stringContaining(each.slice(0, 13)) as unknown,
    ),
  )
  for (const each of filesLeft())
    if (existsSync(join(temporary, each))) await fsPromises.rm(join(temporary, each), { recursive: true })
})

test('a form that is read outside of a lifecycle, whose directory can not be removed', async () => {
  const app = bootstrap(App, {
    logger: false,
    middleware: [
      async (ctx, next) => {
        await (ctx as unknown as Context).request.form()
        jest.spyOn(fsPromises, 'rm').mockRejectedValueOnce(new Error('the disk is gone'))
        await next()
      },
    ],
  })
  await serve(app, async url => {
    expect(await sendHttp1(url, { type: MULTIPART, body: BODY })).toEqual([200, '[3]'])
    await until('its removal was tried', () => (fsPromises.rm as unknown as jest.Mock).mock.calls.length > 0)
  })
  for (const each of filesLeft())
    if (existsSync(join(temporary, each))) await fsPromises.rm(join(temporary, each), { recursive: true })
})

test('a full disk outside of a lifecycle is a 507 as well', async () => {
  fillDisk()
  const read: Koa.Middleware = async (ctx, next) => {
    await (ctx as unknown as Context).request.form()
    await next()
  }
  await serve(bootstrap(App, { logger: false, middleware: [read] }), async url => {
    expect((await sendHttp1(url, { type: MULTIPART, body: BODY }))[0]).toBe(507)
  })
})

test('a directory that is made when the request has ended is removed at once', async () => {
  const gate = new Gate()
  const { mkdtemp } = fsPromises
  jest.spyOn(fsPromises, 'mkdtemp').mockImplementationOnce(async prefix => {
    await gate.pass()
    return mkdtemp(prefix)
  })
  const errors: string[] = []
  class Hasty {
    @Post('/') async index({ request }: Context) {
      request.form().catch((error: unknown) => errors.push(String(error)))
      await gate.reached
      setImmediate(() => gate.open())
      return ['done']
    }
  }
  await serve(bootstrap(Hasty, { logger: false }), async url => {
    expect(await sendHttp1(url, { type: MULTIPART, body: BODY })).toEqual([200, '["done"]'])
    await until('the form has failed', () => errors.length > 0)
  })
  expect([errors, filesLeft()]).toEqual([
    ['Error: POST /: the request has ended, and with it the reading of its form'],
    [],
  ])
})

test('a parser that fails is a 400', async () => {
  // Its types would add events to every stream of the tests.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { prototype } = require('@fastify/busboy') as { prototype: { _write(): void } }
  jest.spyOn(prototype, '_write').mockImplementationOnce(() => {
    throw new TypeError('not foreseen')
  })
  expect((await upload())[0]).toBe(400)
  expect(log).toEqual(['teardown none, left 0'])
})

test.each([
  ['on disk', 0],
  ['in memory', 1_000_000],
])('a full disk behind moveTo is a 507, which is reported, and no part of the file is left: %s', async (_, memory) => {
  const target = join(temporary, 'target')
  const full = (name: 'copyFile' | 'writeFile') =>
    jest.spyOn(fsPromises, name).mockImplementationOnce(async () => {
      writeFileSync(target, 'a part')
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    })
  jest.spyOn(fsPromises, 'rename').mockRejectedValueOnce(Object.assign(new Error('another disk'), { code: 'EXDEV' }))
  if (memory === 0) full('copyFile')
  else full('writeFile')
  class Moving {
    @Post('/', { limits: { memory } }) async index({ request }: Context) {
      await (await request.form()).files.get('file')?.moveTo(target)
      return 'never'
    }
  }
  expect((await upload(Moving as never))[0]).toBe(507)
  expect(log).toEqual([
    `reported POST /: an uploaded file can't be moved to TMP/target: ENOSPC: no space left on device`,
  ])
  expect(filesLeft()).toEqual([])
})
