import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { withAppContext } from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { createApp } from '../src/app.js'
import { db } from '../src/db.js'

export const ADA = { username: 'ada', password: 'engine' }
export const GRACE = { username: 'grace', password: 'nanoseconds' }

/** An application with an empty database of its own, until the test ends. */
export async function startApp(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'flaskr-'))
  t.after(() => rm(folder, { recursive: true }))
  const app = createApp({ DATABASE: join(folder, 'flaskr.sqlite') }, { testing: true })
  await app.ready()
  await withAppContext(app, () => db.init())
  return app
}

/** A client whose user is logged in. */
export async function loggedIn(app: Awaited<ReturnType<typeof startApp>>, user = ADA) {
  const client = testClient(app)
  await client.post('/auth/register', { form: user })
  await client.post('/auth/login', { form: user })
  return client
}
