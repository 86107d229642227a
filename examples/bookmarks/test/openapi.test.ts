import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testClient } from 'flaskoa/testing'
import { startApp } from './support.js'

interface Operation {
  summary?: string
  security?: unknown
  responses: object
}

test('the document describes each view, and which need a user', async t => {
  const { app } = await startApp(t)
  const response = await testClient(app).get('/openapi.json')
  const { paths } = response.json<{ paths: Record<string, Record<string, Operation>> }>()
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, ...operation })),
  )
  assert.deepEqual(
    operations.filter(({ security }) => security === undefined).map(({ name }) => name),
    ['post /users', 'post /login', 'post /logout'],
  )
  assert.ok(operations.every(({ summary }) => summary !== undefined))
  const add = Object.keys(paths['/bookmarks']?.post?.responses ?? {})
  assert.deepEqual(add, ['201', '400', '401', '413', '415', '422'])
})

test('the first page leads to the documentation', async t => {
  const { app } = await startApp(t)
  const response = await testClient(app).get('/', { followRedirects: true })
  assert.deepEqual([response.status, response.redirects], [200, ['http://localhost/docs']])
  assert.match(response.text, /swagger-ui/)
})
