import { BeforeRequest, Blueprint, ErrorHandler, Get, OnStart, Post, TeardownRequest, bootstrap } from 'flaskoa'
import { healthBlueprint } from 'flaskoa/health'
import { lifecycleLock } from 'flaskoa/testing'
import { z } from 'zod'
import { explain } from '../../src/inspect/explain'
import { lockDiff } from '../../src/inspect/lock-diff'
import { createApp } from '../cli/fixtures/shop'

const app = createApp()

test('lifecycleLock has a line for each method, and what runs for every request once', () => {
  const blocks = lifecycleLock(app).split('\n\n')
  expect(blocks[1]?.split('\n')).toEqual([
    'every request, also without a route',
    '  before first: Shop.connect',
    '  before: Shop.loadUser',
    '  after: Shop.addHeader',
    '  teardown: Shop.release',
    '  after response: Shop.logAccess',
    '  error 404: Shop.notFound',
    '  error HttpError: Shop.http',
    '  error Error: Shop.failed',
    '  teardown of the application context: Shop.close',
  ])
  expect(blocks[2]).toBe('the application\n  on shutdown: Shop.disconnect')
  expect(blocks.find(block => block.includes('items.show'))?.split('\n')).toEqual([
    'GET /items/<int:id>  items.show',
    '  url values: Items.values',
    '  before: Items.checkToken (security: bearer; answers: 401)',
    '  input: query',
    '  view: Items.show',
    '  answers: 200, 404',
    '  after: Items.stamp',
    '  error 404: Items.missing',
  ])
})

test('lifecycleLock has the methods of the start, and says which routes are apart from what runs for every request', () => {
  class App {
    @OnStart connect() {
      return undefined
    }
    @BeforeRequest load() {
      return undefined
    }
    @TeardownRequest release() {
      return undefined
    }
  }
  const [, ...blocks] = lifecycleLock(bootstrap(App, { blueprints: [healthBlueprint()] }))
    .trimEnd()
    .split('\n\n')
  expect(blocks).toEqual([
    'every request, also without a route\n  before: App.load\n  teardown: App.release',
    'the application\n  on start: App.connect',
    'GET /livez  health.livez\n  apart: without the methods of every request\n  view: Health.livez',
    'GET /readyz  health.readyz\n  apart: without the methods of every request\n  view: Health.readyz',
  ])
})

test('a difference is in the block of its route', () => {
  const before = 'A\n\nGET /x\n  before: a\n  before: b\n  view: v\n\nGET /old\n  view: o\n'
  const after = 'A\n\nGET /x\n  before: b\n  before: a\n  view: v\n\nGET /new\n  view: n\n'
  const lines = lockDiff(before, after).map(({ sign, text }) => sign + text)
  expect(lines).toEqual([
    ' GET /x',
    '-  before: a',
    '+  before: a',
    '-GET /old',
    '-  view: o',
    '+GET /new',
    '+  view: n',
  ])
  expect(lockDiff(before, before.replaceAll('\n', '\r\n'))).toEqual([])
})

const near = (method: string, path: string) => {
  const explanation = explain(app, method, path)
  return explanation.kind === 'found' ? [] : explanation.near.map(({ rule, why }) => `${rule} ${why}`)
}

test.each([
  ['POST', '/search', ['/search is for GET, OPTIONS, HEAD']],
  ['GET', '/itms/5', ["/items/<int:id> has 'items', not 'itms'"]],
  ['GET', '/hello', ["/hello/<name> has the segment '<name>' as well"]],
  ['GET', '/hello/you/there', ["/hello/<name> has no segment 'there'"]],
  ['GET', '/search/', ['/search has no slash there']],
  ['GET', '/items/a/b/rew', ["/items/<path:file>/raw has <path:file>/raw, which does not take 'a/b/rew'"]],
  ['GET', '/you/hello', ["/hello/<name> has 'hello' before '<name>'"]],
  ['GET', '/entirely/else', []],
])('the rules near %s %s', (method, path, expected) => {
  expect(near(method, path)).toEqual(expected)
})

class Shelf {
  @Post('/books/') add() {
    return ''
  }
  @Get('/codes/<hex:code>') code() {
    return ''
  }
  // A schema that no JSON Schema describes, and the schema of an answer alone.
  @Post('/raw', { query: z.object({ a: z.string() }), body: opaque(), response: z.array(z.int()) }) raw() {
    return []
  }
  @ErrorHandler((() => class extends Error {})()) failed() {
    return ''
  }
}

function opaque() {
  const validate = (value: unknown) => ({ value })
  return { '~standard': { version: 1, vendor: 'opaque', validate } } as const
}

/** The user's own code, which fails. */
const hex = {
  convert() {
    throw new Error('no code')
  },
}

const shelf = bootstrap(Shelf, { converters: { hex } })

test.each([
  ['DELETE', '/books', ['/books/ has a slash at the end']],
  ['POST', '/codes/x', ["/codes/<hex:code> has <hex:code>, which does not take 'x'"]],
])('the rules near %s %s, with a slash and with a converter that fails', (method, path, expected) => {
  const { near } = explain(shelf, method, path) as Extract<ReturnType<typeof explain>, { kind: 'unmatched' }>
  expect(near.map(({ rule, why }) => `${rule} ${why}`)).toEqual(expected)
})

test('a URL without a path is for /, and an error class may have no name', () => {
  expect(explain(shelf, 'GET', 'http://x.example')).toMatchObject({
    kind: 'unmatched',
    near: [],
    runs: { errorHandlers: [{ error: '(anonymous class)', name: 'Shelf.failed' }] },
  })
  expect(explain(app, 'GET', 'http://x.example?a=1')).toMatchObject({ kind: 'found', route: { endpoint: 'index' } })
})

test('an input and an answer have what is known of their schemas', () => {
  expect(explain(shelf, 'POST', '/raw')).toMatchObject({
    route: {
      input: [
        { location: 'query', fields: ['a'] },
        { location: 'body', fields: undefined },
      ],
      answers: [{ status: 200, body: 'schema' }],
    },
  })
})

test('an error handler is of the blueprint that has it, also behind a blueprint that has none', () => {
  @Blueprint('/inner')
  class Inner {
    @Get('/') index() {
      return ''
    }
  }
  @Blueprint('/outer', { blueprints: [Inner] })
  class Outer {
    @ErrorHandler(404) missing() {
      return ''
    }
  }
  class App {
    @ErrorHandler(409) taken() {
      return ''
    }
  }
  const explanation = explain(bootstrap(App, { blueprints: [Outer] }), 'GET', '/outer/inner/')
  expect(explanation).toMatchObject({
    route: {
      errorHandlers: [
        { error: '404', scope: 'Outer' },
        { error: '409', scope: '' },
      ],
    },
  })
})
