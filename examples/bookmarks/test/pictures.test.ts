import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { test, type TestContext } from 'node:test'
import { GRACE, loggedIn, startApp } from './support.js'

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const JPEG = Buffer.from('ffd8ffe000104a464946', 'hex')
const fileOf = (bytes: Uint8Array<ArrayBuffer>, type: string) => new File([bytes], '../any name', { type })

/** A client with the bookmark 1, and what is in the folder of the pictures. */
async function start(t: TestContext) {
  const { app, storage } = await startApp(t)
  const client = await loggedIn(app)
  await client.post('/bookmarks', { json: { url: 'https://koajs.com/', title: 'Koa' } })
  const upload = (picture: File, id = 1) => client.put(`/bookmarks/${id}/picture`, { form: { picture } })
  return { app, client, upload, files: () => readdir(storage.pictures) }
}

test('a picture is uploaded, sent back, replaced, and deleted with its bookmark', async t => {
  const { client, upload, files } = await start(t)
  assert.equal((await client.get('/bookmarks/1/picture')).status, 404)
  assert.equal((await upload(fileOf(PNG, 'image/png'))).status, 204)

  const { picture } = (await client.get('/bookmarks/1')).json<{ picture: string }>()
  const sent = await client.get(picture)
  assert.deepEqual([sent.status, sent.header('Content-Type'), sent.body], [200, 'image/png', PNG])
  assert.equal(sent.header('X-Content-Type-Options'), 'nosniff')

  assert.equal((await upload(fileOf(JPEG, 'image/jpeg'))).status, 204)
  assert.deepEqual((await client.get(picture)).body, JPEG)
  assert.equal((await files()).length, 1)

  await client.delete('/bookmarks/1')
  assert.deepEqual(await files(), [])
})

test('what is no picture of its type is refused, and not kept', async t => {
  const { upload, files } = await start(t)
  const wrong = [
    fileOf(PNG, 'image/jpeg'),
    fileOf(Buffer.from('<svg>'), 'image/svg+xml'),
    fileOf(Buffer.from(''), 'image/png'),
  ]
  for (const file of wrong) {
    const response = await upload(file)
    assert.deepEqual([response.status, response.header('Content-Type')], [422, 'application/problem+json'])
  }
  assert.deepEqual(await files(), [])
})

test('a picture that is too large is refused, and not kept', async t => {
  const { upload, files } = await start(t)
  assert.equal((await upload(fileOf(Buffer.alloc(2_000_001), 'image/png'))).status, 413)
  assert.deepEqual(await files(), [])
})

test('a picture belongs to the owner of its bookmark', async t => {
  const { app, upload, files } = await start(t)
  assert.equal((await upload(fileOf(PNG, 'image/png'), 2)).status, 404)
  await upload(fileOf(PNG, 'image/png'))
  const grace = await loggedIn(app, GRACE)
  assert.equal((await grace.get('/bookmarks/1/picture')).status, 404)
  const form = { picture: fileOf(JPEG, 'image/jpeg') }
  assert.equal((await grace.put('/bookmarks/1/picture', { form })).status, 404)
  assert.equal((await files()).length, 1)
})
