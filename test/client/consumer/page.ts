// Calls each route in a browser, and keeps what comes back where the test finds it.
import { client, ConnectionError, UnexpectedResponse } from 'flaskoa/client'
import * as contract from './contract'

const api = client('', contract)

/** The status and the body. */
const shown = async (call: Promise<{ status: number; body: unknown }>) => {
  const { status, body } = await call
  return [status, body]
}

/** The error of a call. */
const failed = async (call: Promise<unknown>) => {
  try {
    await call
    return 'no error'
  } catch (error) {
    if (error instanceof UnexpectedResponse) return [error.name, error.method, error.status]
    if (error instanceof ConnectionError) return [error.name, error.method, (error.cause as Error).name]
    return error instanceof Error ? error.name : error
  }
}

async function run() {
  const results: Record<string, unknown> = {}
  const created = await api.createUser({ body: { name: 'ann' } })
  results.created = created.status === 201 && created.body.born.slice(0, 4)
  results.taken = await shown(api.createUser({ body: { name: 'root' } }))
  const invalid = await api.createUser({ body: { name: '' } })
  results.invalid = invalid.status === 422 && invalid.body.errors.map(({ in: location, pointer }) => location + pointer)
  results.search = await shown(api.searchUsers({ query: { page: 2, tag: ['a', 'ü&'] } }))
  results.removed = await shown(api.removeUser({ id: 1 }))
  results.stranger = await shown(api.me())
  await api.login({ form: { name: 'ann' } })
  document.cookie = 'theme=dark'
  results.user = await shown(api.me())
  const picture = new File(['bytes'], 'me.png', { type: 'image/png' })
  results.upload = await shown(api.upload({ form: { title: 'ü', tags: ['a', 'b'], picture } }))
  results.member = await shown(api.orgs.member({ org: 7, name: 'a b/c' }))
  results.cookies = await failed(api.me({ cookies: { theme: 'dark' } }))
  results.fails = await failed(api.fails())
  results.aborted = await failed(api.slow({}, { signal: AbortSignal.abort('no longer wanted') }))
  const controller = new AbortController()
  const slow = failed(api.slow({}, { signal: controller.signal }))
  controller.abort('no longer wanted')
  results.abortedLater = await slow
  results.unreachable = await failed(client('http://127.0.0.1:1', contract).fails())
  return results
}

Object.assign(globalThis, { results: await run().catch(String) })
