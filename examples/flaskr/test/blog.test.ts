import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testClient } from 'flaskoa/testing'
import { GRACE, loggedIn, startApp } from './support.js'

const POST = { title: 'First', body: 'one\ntwo' }

test('all see the posts, their authors can edit them', async t => {
  const app = await startApp(t)
  const author = await loggedIn(app)
  assert.equal((await author.post('/create', { form: POST })).headers.location, '/')
  assert.match(
    (await author.get('/')).text,
    /<h1>First<\/h1>[^]+by ada on \d{4}-\d\d-\d\d[^]+href="\/1\/update"[^]+one\ntwo/,
  )
  const others = (await testClient(app).get('/')).text
  assert.ok(others.includes('<h1>First</h1>') && !others.includes('/1/update'))
})

test('what users write is shown as text', async t => {
  const author = await loggedIn(await startApp(t))
  await author.post('/create', { form: { title: '<b>', body: '"&\'' } })
  assert.match((await author.get('/')).text, /<h1>&lt;b&gt;<\/h1>[^]+&#34;&amp;&#39;/)
})

for (const path of ['/create', '/1/update', '/1/delete']) {
  test(`${path} is for users who are logged in`, async t => {
    const client = testClient(await startApp(t))
    assert.equal((await client.post(path)).headers.location, '/auth/login')
  })
}

for (const path of ['/1/update', '/1/delete']) {
  test(`${path} is for the author`, async t => {
    const app = await startApp(t)
    await (await loggedIn(app)).post('/create', { form: POST })
    const other = await loggedIn(app, GRACE)
    assert.equal((await other.post(path, { form: POST })).status, 403)
    assert.equal((await other.post(path.replace('1', '2'), { form: POST })).status, 404)
  })
}

test('a post is changed and deleted', async t => {
  const author = await loggedIn(await startApp(t))
  await author.post('/create', { form: POST })
  assert.match((await author.get('/1/update')).text, /<title>Edit "First" - Flaskr<\/title>/)
  await author.post('/1/update', { form: { title: 'Changed', body: '' } })
  assert.ok((await author.get('/')).text.includes('<h1>Changed</h1>'))
  assert.equal((await author.post('/1/delete')).headers.location, '/')
  assert.ok(!(await author.get('/')).text.includes('Changed'))
})

for (const path of ['/create', '/1/update']) {
  test(`${path} wants a title, and keeps the rest`, async t => {
    const author = await loggedIn(await startApp(t))
    await author.post('/create', { form: POST })
    const { text } = await author.post(path, { form: { title: '', body: 'kept' } })
    assert.ok(text.includes('Title is required.') && text.includes('kept</textarea>'))
  })
}
