import { BeforeRequest, bootstrap, Get, lifecycle } from 'flaskoa'
import type { Context } from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import Koa from 'koa'

class App {
  @Get('/') index({ request }: Context) {
    return [request.args.get('page', Number, 1), request.args.getAll('tag')]
  }
}

test('request.args has the parameters of the query string', async () => {
  const client = testClient(bootstrap(App, { logger: false }))
  expect((await client.get('/?page=2&tag=a&tag=b')).json()).toEqual([2, ['a', 'b']])
  expect((await client.get('/')).json()).toEqual([1, []])
})

test('where no rule matches, the limits are those of the application', async () => {
  class Reading {
    @BeforeRequest() async read({ request }: Context) {
      await request.text()
    }
  }
  const client = testClient(bootstrap(Reading, { limits: { body: 3 }, logger: false }))
  expect((await client.post('/nowhere', { body: 'abc' })).status).toBe(404)
  expect((await client.post('/nowhere', { body: 'abcd' })).status).toBe(413)
})

test('a name that another library has taken is a SetupError', async () => {
  const app = new Koa()
  app.silent = true
  Object.assign(app.request, { json: () => undefined })
  const errors: string[] = []
  app.on('error', (error: Error) => errors.push(`${error.name}: ${error.message}`))
  app.use(lifecycle(App))
  expect((await testClient(app).get('/')).status).toBe(500)
  expect(errors).toEqual([
    expect.stringMatching(
      /^SetupError: the application's request already has a property 'json', the function json, where/,
    ),
  ])
})
