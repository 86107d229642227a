import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testClient } from 'flaskoa/testing'
import { ADA, loggedIn, startApp } from './support.js'

test('a visitor registers, logs in and logs out', async t => {
  const { app } = await startApp(t)
  const client = testClient(app)
  const registered = await client.post('/users', { json: ADA })
  assert.deepEqual([registered.status, registered.json()], [201, { id: 1, name: 'Ada' }])
  assert.equal((await client.get('/me')).status, 401)

  const loggedIn = await client.post('/login', { json: ADA })
  assert.deepEqual([loggedIn.status, loggedIn.json()], [200, { id: 1, name: 'Ada' }])
  assert.deepEqual((await client.get('/me')).json(), { id: 1, name: 'Ada' })

  assert.equal((await client.post('/logout')).status, 204)
  assert.equal((await client.get('/me')).status, 401)
})

test('a name belongs to one user', async t => {
  const { app } = await startApp(t)
  const client = await loggedIn(app)
  const response = await client.post('/users', { json: { ...ADA, password: 'another password' } })
  assert.deepEqual(response.json(), { title: 'Conflict', status: 409, detail: 'the name is taken' })
})

test('a wrong password and an unknown name are refused alike', async t => {
  const { app } = await startApp(t)
  const client = testClient(app)
  await client.post('/users', { json: ADA })
  const wrong = await client.post('/login', { json: { ...ADA, password: 'difference engine' } })
  const unknown = await client.post('/login', { json: { ...ADA, name: 'Bob' } })
  assert.equal(wrong.header('Content-Type'), 'application/problem+json')
  assert.deepEqual([wrong.status, unknown.status, unknown.text], [401, 401, wrong.text])
  assert.equal((await client.get('/me')).status, 401)
})

test('all problems of the input are named', async t => {
  const { app } = await startApp(t)
  const response = await testClient(app).post('/users', { json: { name: ' ', password: 'short' } })
  assert.equal(response.status, 422)
  const { errors } = response.json<{ errors: { pointer: string }[] }>()
  assert.deepEqual(
    errors.map(({ pointer }) => pointer),
    ['#/name', '#/password'],
  )
})

test('the password is stored as a salted hash', async t => {
  const { app, storage } = await startApp(t)
  await loggedIn(app)
  const [row] = storage.database.query<{ password: string }>('SELECT password FROM users')
  assert.match(row?.password ?? '', /^[0-9a-f]{32}:[0-9a-f]{64}$/)
})

test('the cookie is kept from scripts and from the forms of other sites', async t => {
  const { app } = await startApp(t)
  const client = testClient(app)
  await client.post('/users', { json: ADA })
  const { headers } = await client.post('/login', { json: ADA })
  const cookies = headers['set-cookie'] as unknown as string[]
  assert.equal(cookies.length, 2) // the session and its signature
  for (const cookie of cookies) assert.match(cookie, /; samesite=lax; httponly/)
})
