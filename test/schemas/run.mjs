// One application with zod, valibot and arktype, over real sockets: the same inputs get the same answers. jest can't load
// arktype, which is an ES module only.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { check, summarize } from '../../scripts/checks.mjs'
import { createApp } from './app.ts'
import { libraries } from './libraries.mts'

const ADA = { id: 7, name: 'Ada', owner: { id: 8 }, born: '1970-01-01' }

/** Requests and their answers: the status, the body or where the problems of the input are, and what is sent. */
const TABLE = [
  ['GET /query?page=2', 200, { query: { page: 2 } }],
  ['GET /query?page=2&all=true&tag=a', 200, { query: { page: 2, all: true, tag: ['a'] } }],
  ['GET /query?page=two&all=maybe', 422, ['#/all', '#/page']],
  ['GET /query', 422, ['#/page']],
  ['POST /users', 201, { ...ADA, name: 'Bob' }, { name: 'Bob' }],
  ['POST /users', 409, 'taken', { name: 'taken' }],
  ['POST /users', 422, ['#/name'], { name: '' }],
  ['POST /users', 422, ['#'], 'a text'],
  ['GET /user/user', 200, ADA],
  ['GET /user/ownerless', 200, { ...ADA, owner: null }],
  ['GET /user/wrong', 500, undefined],
  ['GET /user/text', 500, undefined],
  ['GET /user/circle', 500, undefined],
  ['GET /made/user', 203, ADA],
  ['GET /made/wrong', 500, undefined],
  ['GET /written/user', 203, ADA],
  ['GET /written/wrong', 500, undefined],
  ['GET /shape/circle', 200, { kind: 'circle', radius: 1 }],
  ['GET /shape/square', 200, { kind: 'square', side: 2, radius: 1 }],
  ['GET /shape/user', 500, undefined],
  ['GET /tree/leaf', 200, { name: 'leaf', children: [] }],
  [
    'GET /tree/tree',
    200,
    {
      name: 'root',
      children: [
        { name: 'leaf', children: [] },
        { name: 'node', children: [{ name: 'leaf', children: [] }] },
      ],
    },
  ],
  ['GET /loose', 200, { id: 1, more: { any: 'thing' } }],
  ['GET /scores', 200, { ada: { points: 3 }, bob: { points: 4 } }],
  ['GET /pair', 200, ['a', { id: 1 }]],
  ['GET /text/text', 200, 'plain'],
  ['GET /text/user', 500, undefined],
]

const app = createApp(libraries)
const errors = []
app.on('error', error => errors.push(error))
const server = app.listen(0, '127.0.0.1')
await once(server, 'listening')

for (const library of Object.keys(libraries))
  for (const [request, status, expected, sent] of TABLE)
    await check(`${library}: ${request}${sent === undefined ? '' : ` ${JSON.stringify(sent)}`}`, async () => {
      errors.length = 0
      const { text, isJson, ...answer } = await ask(library, request, sent)
      assert.equal(answer.status, status, text)
      assert.doesNotMatch(text, /secret/)
      if (status === 500) assert.equal(errors[0]?.name, 'ResponseMismatch', String(errors[0]))
      else if (status === 422) assert.deepEqual(pointersOf(text), expected)
      else assert.deepEqual(isJson ? JSON.parse(text) : text, expected)
    })
server.close()
server.closeAllConnections()
summarize()

async function ask(library, request, sent) {
  const [method, path] = request.split(' ')
  const body = sent === undefined ? {} : { body: JSON.stringify(sent), headers: { 'Content-Type': 'application/json' } }
  const response = await fetch(`http://127.0.0.1:${server.address().port}/${library}${path}`, { method, ...body })
  const isJson = response.headers.get('Content-Type')?.includes('json')
  return { status: response.status, text: await response.text(), isJson }
}

function pointersOf(text) {
  return JSON.parse(text)
    .errors.map(({ pointer }) => pointer)
    .sort()
}
