import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withAppContext } from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { query } from '../src/db.js'
import { ADA, loggedIn, startApp } from './support.js'

test('a registration leads to the log-in, and adds the user with a hash', async t => {
  const app = await startApp(t)
  const client = testClient(app)
  assert.match((await client.get('/auth/register')).text, /<title>Register - Flaskr<\/title>/)
  const { status, headers } = await client.post('/auth/register', { form: ADA })
  assert.deepEqual([status, headers.location], [302, '/auth/login'])
  const [user] = await withAppContext(app, () => query<{ password: string }>('SELECT * FROM user'))
  assert.match(user?.password ?? '', /^scrypt:/)
})

for (const [username, password, message] of [
  ['', '', 'Username is required.'],
  ['ada', '', 'Password is required.'],
  ['ada', 'engine', 'User ada is already registered.'],
] as const) {
  test(`register '${username}' with '${password}': ${message}`, async t => {
    const client = testClient(await startApp(t))
    await client.post('/auth/register', { form: ADA })
    const { status, text } = await client.post('/auth/register', { form: { username, password } })
    assert.equal(status, 200)
    assert.ok(text.includes(`<div class="flash">${message}</div>`))
  })
}

test('a log-in leads to the posts, and g has the user from then on', async t => {
  const client = await loggedIn(await startApp(t))
  assert.match((await client.get('/')).text, /<span>ada<\/span>/)
  assert.equal((await client.session()).user_id, 1)
  assert.equal(client.g.user?.username, 'ada')
})

for (const [username, password, message] of [
  ['grace', 'engine', 'Incorrect username.'],
  ['ada', 'wrong', 'Incorrect password.'],
] as const) {
  test(`log in as '${username}' with '${password}': ${message}`, async t => {
    const client = testClient(await startApp(t))
    await client.post('/auth/register', { form: ADA })
    const { text } = await client.post('/auth/login', { form: { username, password } })
    assert.ok(text.includes(message))
    assert.deepEqual(await client.session(), {})
  })
}

test('a form without its fields is a 400', async t => {
  const client = testClient(await startApp(t))
  assert.equal((await client.post('/auth/login', { form: { username: 'ada' } })).status, 400)
  assert.equal((await client.post('/auth/login', { json: ADA })).status, 400)
})

test('log out', async t => {
  const client = await loggedIn(await startApp(t))
  assert.equal((await client.get('/auth/logout')).headers.location, '/')
  assert.deepEqual(await client.session(), {})
})
