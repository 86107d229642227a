import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withAppContext } from 'flaskoa'
import { testClient, testCommand } from 'flaskoa/testing'
import { db, query } from '../src/db.js'
import { startApp } from './support.js'

test('hello, and the styles', async t => {
  const client = testClient(await startApp(t))
  assert.equal((await client.get('/hello')).text, 'Hello, World!')
  assert.match((await client.get('/static/style.css')).header('content-type') ?? '', /^text\/css/)
})

test('there is one connection in a context, and it is closed at its end', async t => {
  const app = await startApp(t)
  const connection = await withAppContext(app, () => {
    assert.equal(db.connection, db.connection)
    return db.connection
  })
  assert.throws(() => connection.query('SELECT 1'))
})

test('init-db empties the database', async t => {
  const app = await startApp(t)
  await testClient(app).post('/auth/register', { form: { username: 'ada', password: 'engine' } })
  const { exitCode, output } = await testCommand(app, 'init-db')
  assert.deepEqual([exitCode, output], [0, 'Initialized the database.\n'])
  assert.deepEqual(await withAppContext(app, () => query('SELECT * FROM user')), [])
})
