import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Application } from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { createApp } from '../src/app.js'
import { openStorage } from '../src/storage.js'

export const ADA = { name: 'Ada', password: 'analytical engine' }
export const GRACE = { name: 'Grace', password: 'nanoseconds' }

/** An application with an empty database in a folder of its own, until the test ends. */
export async function startApp(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'bookmarks-'))
  const storage = await openStorage(folder)
  t.after(async () => {
    storage.database.close()
    await rm(folder, { recursive: true })
  })
  return { app: createApp(storage, { testing: true, secretKey: 'only for tests' }), storage }
}

/** A client whose user is logged in. */
export async function loggedIn(app: Application, user = ADA) {
  const client = testClient(app)
  await client.post('/users', { json: user })
  await client.post('/login', { json: user })
  return client
}
