import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testClient } from 'flaskoa/testing'
import { GRACE, loggedIn, startApp } from './support.js'

const KOA = { url: 'https://koajs.com/', title: 'Koa', tags: ['js', 'server'] }
const NODE = { url: 'https://nodejs.org/', title: 'Node.js', tags: ['js', 'server', 'runtime'] }
const FLASK = { url: 'https://flask.palletsprojects.com/', title: '100 % Flask', tags: ['python', 'server'] }

interface Page {
  page: number
  pages: number
  total: number
  bookmarks: { title: string }[]
}
interface Problem {
  status: number
  errors: { in: string; pointer: string }[]
}
const titles = ({ bookmarks }: Pick<Page, 'bookmarks'>) => bookmarks.map(({ title }) => title)

test('a bookmark is added, shown, changed and deleted', async t => {
  const client = await loggedIn((await startApp(t)).app)
  const added = await client.post('/bookmarks', { json: KOA })
  assert.deepEqual([added.status, added.header('Location')], [201, '/bookmarks/1'])
  const bookmark = (await client.get('/bookmarks/1')).json<{ created: string }>()
  assert.deepEqual(bookmark, { id: 1, ...KOA, picture: null, created: bookmark.created })

  const changed = await client.put('/bookmarks/1', { json: { url: KOA.url, title: 'Koa 3' } })
  assert.deepEqual([changed.status, changed.json()], [200, { ...bookmark, title: 'Koa 3', tags: [] }])

  assert.equal((await client.delete('/bookmarks/1')).status, 204)
  const gone = await client.get('/bookmarks/1')
  assert.deepEqual(gone.json(), { title: 'Not Found', status: 404, detail: 'The user has no such bookmark.' })
})

test('a search is for tags and text, in pages with the newest first', async t => {
  const client = await loggedIn((await startApp(t)).app)
  for (const json of [KOA, NODE, FLASK]) await client.post('/bookmarks', { json })
  const search = async (query: string) => (await client.get(`/bookmarks?${query}`)).json<Page>()

  assert.deepEqual(titles(await search('')), ['100 % Flask', 'Node.js', 'Koa'])
  assert.deepEqual(titles(await search('tag=js')), ['Node.js', 'Koa'])
  assert.deepEqual(titles(await search('tag=js&tag=runtime')), ['Node.js'])
  assert.deepEqual(titles(await search('tag=js&tag=js')), ['Node.js', 'Koa'])
  assert.deepEqual(titles(await search('tag=js&tag=python')), [])
  assert.deepEqual(titles(await search('text=KOAJS.com')), ['Koa'])
  assert.deepEqual(titles(await search('text=%25')), ['100 % Flask'])

  const { bookmarks, ...second } = await search('page=2&size=2&tag=server')
  assert.deepEqual(second, { page: 2, pages: 2, total: 3 })
  assert.deepEqual(titles({ bookmarks }), ['Koa'])
  assert.deepEqual(await search('page=9'), { page: 9, pages: 1, total: 3, bookmarks: [] })
})

test('wrong input is a problem that names its place', async t => {
  const client = await loggedIn((await startApp(t)).app)
  const problems = async (response: ReturnType<typeof client.get>) => {
    const { status, errors } = (await response).json<Problem>()
    return [status, ...errors.map(error => `${error.in} ${error.pointer}`)]
  }
  assert.deepEqual(await problems(client.get('/bookmarks?page=0&size=many')), [422, 'query #/page', 'query #/size'])
  const json = { url: 'javascript:alert(1)', title: 'A', tags: ['a', ''] }
  assert.deepEqual(await problems(client.post('/bookmarks', { json })), [422, 'body #/url', 'body #/tags/1'])
})

test('a bookmark belongs to its owner', async t => {
  const { app } = await startApp(t)
  const [ada, grace, visitor] = [await loggedIn(app), await loggedIn(app, GRACE), testClient(app)]
  await ada.post('/bookmarks', { json: KOA })

  assert.deepEqual(titles((await grace.get('/bookmarks')).json<Page>()), [])
  for (const [client, status] of [
    [grace, 404],
    [visitor, 401],
  ] as const) {
    assert.equal((await client.get('/bookmarks/1')).status, status)
    assert.equal((await client.put('/bookmarks/1', { json: NODE })).status, status)
    assert.equal((await client.delete('/bookmarks/1')).status, status)
  }
  assert.deepEqual(titles((await ada.get('/bookmarks')).json<Page>()), ['Koa'])
})
