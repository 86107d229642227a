import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { gracefulShutdown } from 'flaskoa'
import { createApp } from '../src/app.js'
import { openStorage } from '../src/storage.js'
import { ADA } from './support.js'

test('over a real socket: log in, upload, search, shut down', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'bookmarks-'))
  t.after(() => rm(folder, { recursive: true }))
  const app = createApp(await openStorage(folder), { secretKey: 'only for tests' })
  const server = app.listen(0, '127.0.0.1')
  const shutdown = gracefulShutdown(server)
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  let cookie = ''
  const send = async (method: string, path: string, body?: object) => {
    const isForm = body instanceof FormData
    const headers = { cookie, ...(!isForm && { 'Content-Type': 'application/json' }) }
    const response = await fetch(origin + path, { method, headers, body: isForm ? body : JSON.stringify(body) })
    cookie =
      response.headers
        .getSetCookie()
        .map(each => each.split(';')[0])
        .join('; ') || cookie
    return response
  }

  await send('POST', '/users', ADA)
  assert.equal((await send('POST', '/login', ADA)).status, 200)
  await send('POST', '/bookmarks', { url: 'https://koajs.com/', title: 'Koa', tags: ['js'] })
  const form = new FormData()
  form.set('picture', new File([Buffer.from('ffd8ff', 'hex')], 'koa.jpg', { type: 'image/jpeg' }))
  assert.equal((await send('PUT', '/bookmarks/1/picture', form)).status, 204)
  const found = (await (await send('GET', '/bookmarks?tag=js')).json()) as { bookmarks: { picture: string }[] }
  const picture = await send('GET', found.bookmarks[0]?.picture ?? '')
  assert.deepEqual(Buffer.from(await picture.arrayBuffer()), Buffer.from('ffd8ff', 'hex'))

  await shutdown.close()
  await assert.rejects(fetch(origin))
})
