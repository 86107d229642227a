import { AfterRequest, BeforeRequest, ErrorHandler, Get, Route, TeardownRequest, abort, bootstrap, g, type Response } from 'flaskoa'
import { testClient } from 'flaskoa/testing'

declare module 'flaskoa' { interface Globals { user: string } interface SessionData { n?: number } }
import { session } from 'flaskoa'

const log: string[] = []
class App {
  @BeforeRequest before() { g.user = 'root'; log.push('before') }
  @Route('/') index() { session.n = (session.n ?? 0) + 1; return { user: g.user, n: session.n } }
  @Get('/users/<int:id>') show({ id }: { id: number }) { if (id === 7) abort(404, 'no user 7'); return String(id) }
  @Get('/fail') fail(): string { throw new Error('x') }
  @ErrorHandler(404) missing() { return 'missing' }
  @AfterRequest() after(r: Response) { log.push('after'); return r }
  @TeardownRequest() down(e?: Error) { log.push('teardown' + (e?.message ?? '')) }
}
test('smoke', async () => {
  const client = testClient(bootstrap(App, { secretKey: 'x', logger: false }))
  expect((await client.get('/')).json()).toEqual({ user: 'root', n: 1 })
  expect((await client.get('/')).json()).toEqual({ user: 'root', n: 2 })
  expect(await client.session()).toEqual({ n: 2 })
  await client.session(s => { s.n = 10 })
  expect((await client.get('/')).json()).toEqual({ user: 'root', n: 11 })
  expect((await client.get('/users/7')).text).toBe('missing')
  expect((await client.get('/users/8')).text).toBe('8')
  expect((await client.get('/fail')).status).toBe(500)
  expect(log.slice(-2)).toEqual(['before', 'teardownx'])
})
