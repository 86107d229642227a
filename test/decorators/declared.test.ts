import { AfterRequest, BeforeAppRequest, BeforeRequest, Blueprint, bootstrap, Delete, Get, Post, Route } from 'flaskoa'
import { z } from 'zod'
import type { KoaResponse, RouteFacts } from 'flaskoa'
import { Controllers } from '../../src/plan/controllers'
import { clientOf } from '../support/client'
import { log } from '../support/log'
import { setupError } from '../support/setup-error'

const Problem = z.object({ title: z.string() })
const User = z.object({ name: z.string() })

describe('a decorator as a value', () => {
  const factsOf = (decorator: object) =>
    (decorator as Record<symbol, RouteFacts | undefined>)[Symbol.for('flaskoa:route')]

  test('has its verb, its rule and its options', () => {
    const options = { body: User, response: { 201: User } }
    expect(factsOf(Post('/users/<int:id>', options))).toEqual({ verb: 'POST', rule: '/users/<int:id>', options })
    expect(factsOf(Post('/users', options))?.options).toBe(options)
    expect(factsOf(Delete('/'))).toEqual({ verb: 'DELETE', rule: '/', options: {} })
  })

  test('of @Route has the first of its methods, by default GET', () => {
    expect(factsOf(Route('/', { methods: ['PUT', 'POST'] }))?.verb).toBe('PUT')
    expect(factsOf(Route('/'))?.verb).toBe('GET')
    expect(factsOf(Route('/', { methods: [] }))?.verb).toBe('GET')
  })

  test('decorates the views of several classes', async () => {
    const listUsers = Get('/users', { limits: { body: 10 }, doc: { summary: 'All users' } })
    @Blueprint('/blueprint')
    class Users {
      @listUsers list() {
        return 'blueprint'
      }
    }
    class App {
      @listUsers list() {
        return 'application'
      }
    }
    const client = clientOf(App, { blueprints: [Users] })
    expect((await client.get('/users')).text).toBe('application')
    expect((await client.get('/blueprint/users')).text).toBe('blueprint')
  })
})

test('the schemas of a route are recorded as they are written', () => {
  class App {
    @Post('/', { body: User, query: User, headers: User, cookies: User, response: { 201: User } }) create() {
      return { name: '' }
    }
    @Post('/form', { form: User, doc: false, limits: { files: 1 } }) upload() {
      return ''
    }
  }
  const { scopes } = new Controllers(App, [], controller => new controller())
  expect(scopes[0]?.views.map(({ options }) => options)).toEqual([
    { body: User, query: User, headers: User, cookies: User, response: { 201: User } },
    { form: User, doc: false, limits: { files: 1 } },
  ])
})

describe('the options of before methods', () => {
  test('are recorded with the scope that the method runs for', () => {
    const guard = { security: { bearer: ['users:read'] }, response: { 401: Problem, 403: 'a page', 404: null } }
    @Blueprint('/users')
    class Users {
      @BeforeRequest(guard) login() {}
      @BeforeAppRequest({ response: { 429: Problem } }) limit() {}
      @BeforeRequest() called() {}
      @BeforeRequest bare() {}
      @Get('/') index() {
        return ''
      }
    }
    class App {
      @BeforeRequest({}) empty() {}
    }
    const { app, scopes } = new Controllers(App, [Users], controller => new controller())
    const declared = (guards: typeof app.guards) => guards.map(({ name, options }) => ({ name, options }))
    expect(declared(app.guards)).toEqual([
      { name: 'App.empty', options: {} },
      { name: 'Users.limit', options: { response: { 429: Problem } } },
    ])
    expect(declared(scopes[1]?.chain[0]?.guards ?? [])).toEqual([{ name: 'Users.login', options: guard }])
    expect(scopes[1]?.chain[0]?.before.map(({ name }) => name)).toEqual(['Users.login', 'Users.called', 'Users.bare'])
  })

  test('change nothing of when the method runs', async () => {
    class App {
      @BeforeRequest({ security: { bearer: [] } }) first() {
        log.push('first')
      }
      @BeforeAppRequest({ response: { 401: Problem } }) second(ctx: { path: string }) {
        log.push('second')
        return ctx.path === '/secret' ? 'log in first' : undefined
      }
      @Get('/<path:page>') page() {
        log.push('view')
        return 'page'
      }
    }
    const client = clientOf(App)
    expect((await client.get('/secret')).text).toBe('log in first')
    expect((await client.get('/page')).text).toBe('page')
    expect(log).toEqual(['first', 'second', 'first', 'second', 'view'])
  })

  test.each([
    [
      { secruity: {} },
      "@BeforeRequest has no option 'secruity'. Did you mean 'security'? It has: only, except, security, response.",
    ],
    [{ security: ['bearer'] }, 'the option security must be security schemes with their scopes, like { bearer: [] }'],
    [{ security: { bearer: 'read' } }, 'the option security must be security schemes'],
    [{ security: { bearer: [1] } }, 'the option security must be security schemes'],
    [
      { response: Problem },
      'the option response must be a schema, a text or null for each status, like { 401: Problem }',
    ],
    [{ response: { ok: Problem } }, 'the option response must be a schema'],
    [{ response: { 401: { title: 'string' } } }, 'the option response must be a schema'],
    [{ response: 'a page' }, 'the option response must be a schema'],
  ])('%o is refused', (options, message) => {
    class App {
      @BeforeRequest(options as object) guard() {}
    }
    expect(setupError(() => bootstrap(App))).toMatch(`FLASKOA_BAD_OPTION App.guard: @BeforeRequest`)
    expect(setupError(() => bootstrap(App))).toContain(message)
  })

  test('belong to before methods only', () => {
    class App {
      @AfterRequest({ security: {} } as object) after(response: KoaResponse) {
        return response
      }
    }
    expect(setupError(() => bootstrap(App))).toBe(
      "FLASKOA_BAD_OPTION App.after: @AfterRequest has no option 'security'. It has: only, except.",
    )
  })
})
