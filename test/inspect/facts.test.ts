import { lifecycleLock } from 'flaskoa/testing'
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
  ['GET', '/entirely/else', []],
])('the rules near %s %s', (method, path, expected) => {
  expect(near(method, path)).toEqual(expected)
})
