// A typed client of the served document: openapi-typescript has made schema.d.ts of it.
import assert from 'node:assert/strict'
import createClient from 'openapi-fetch'
import type { components, paths } from './schema.js'

const baseUrl = process.argv[2] as string
const api = createClient<paths>({ baseUrl, headers: { Authorization: 'Bearer token' } })

const created = await api.POST('/users/', { body: { name: 'ann', born: '2001-02-03' } })
assert.equal(created.response.status, 201)
created.data?.id satisfies number | undefined
created.data?.born satisfies string | undefined
created.error?.title satisfies string | undefined

const list = await api.GET('/users/', { params: { query: { page: 2, tag: ['a', 'b'], active: true } } })
assert.deepEqual([list.data?.[0]?.id, list.data?.[0]?.name, list.data?.[0]?.role], [2, 'a,b', 'boolean'])
list.data?.[0]?.address?.city satisfies string | undefined

const shown = await api.GET('/users/{id}', { params: { path: { id: 5 } } })
assert.equal(shown.data?.id, 5)

const job = await api.PUT('/jobs/{key}', {
  params: { path: { key: '00000000-0000-4000-8000-000000000000' }, query: { limit: 3, dry: true } },
  body: { command: 'run', after: null },
})
assert.equal(job.data?.command, 'run number boolean')

const pet = await api.GET('/pets/{kind}', { params: { path: { kind: 'cat' }, header: { 'x-tenant': 'ann' } } })
assert.deepEqual(pet.data, { kind: 'cat', name: 'ann' })

const tree: components['schemas']['Tree'] = { value: 'a', children: [{ value: 'b', children: [] }] }
assert.deepEqual((await api.POST('/trees', { body: tree })).data, tree)

const shape = await api.POST('/shapes', { body: { kind: 'circle', radius: 1 } })
if (shape.data?.kind === 'circle') shape.data.radius satisfies number

const login = await api.POST('/users/login', {
  body: { name: 'ann', remember: true },
  bodySerializer: fields => new URLSearchParams({ name: fields?.name ?? '', remember: String(fields?.remember) }),
  headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
})
assert.deepEqual(login.data, { name: 'ann', remember: true })

// @ts-expect-error the name is missing
const refused = await api.POST('/users/', { body: { born: '2001-02-03' } })
assert.equal(refused.response.status, 422)
// @ts-expect-error the id is a number
await api.GET('/users/{id}', { params: { path: { id: 'x' } } })
// @ts-expect-error there is no such pet
await api.GET('/pets/{kind}', { params: { path: { kind: 'cow' }, header: { 'x-tenant': 'a' } } })
// @ts-expect-error there is no such path
await api.GET('/hidden', { parseAs: 'text' })
