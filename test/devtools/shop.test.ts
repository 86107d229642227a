import { ask } from '../support/ask'
import { serve } from '../support/serve'
import { makeShop } from './fixtures/shop'

const PATH = '/orders/5?token=t0k&page=2;api_key=A9ikey'
const SECRETS = ['hunter2', 'f00ba4', 'c5rf', 't0k', 'B3arer', 'C00kie', 'A9ikey', 'pr0xy']
const headers = {
  Authorization: 'Bearer B3arer',
  Cookie: 'a=C00kie',
  'X-Api-Key': 'A9ikey',
  'Proxy-Authorization': 'Basic pr0xy',
  Referer: 'http://127.0.0.1/login?password=hunter2&next=1',
  'X-Plain': 'shown',
}
const withoutSources = (text: string) => text.replace(/<pre class="source">[^]*?<\/pre>|^ +>? +\d+ \|.*$/gm, '')

const page = (accept: string, path = PATH, method = 'GET') =>
  serve(makeShop(), url => ask(url + path, { method, headers: { ...headers, Accept: accept } }))

const json = async (path: string, method = 'GET') =>
  JSON.parse((await page('application/json', path, method)).text) as {
    lifecycle: {
      ran: { stage: string; method: string; outcome: string; threw: boolean }[]
      skipped: { stage: string; method: string; why: string }[]
    }
    request: { url: string; fields: Record<string, string> }
    g: unknown
    session: unknown
    nearest: { rule: string; why: string }[]
    name: string
    message: string
  }

describe.each(['text/html', 'application/json', '*/*'])('the page for %s', accept => {
  test('has no secret of the request, of g or of the session', async () => {
    const { text } = await page(accept)
    for (const secret of SECRETS) expect(withoutSources(text)).not.toContain(secret)
    expect(text).toContain('(hidden)')
    expect(text).toContain('shown')
  })

  test('is neither stored nor guessed at, and nothing may be loaded for it', async () => {
    const fields = (await page(accept)).headers
    expect([fields['cache-control'], fields['x-content-type-options']]).toEqual(['no-store', 'nosniff'])
    const policy = fields['content-security-policy']
    if (accept !== 'text/html') return expect(policy).toBeUndefined()
    expect(policy).toMatch(/^default-src 'none'; style-src 'nonce-[\w+/=]{24}'; img-src data:; base-uri 'none'/)
    expect(policy).not.toMatch(/script|unsafe|http/)
  })

  test('shows the lines around the error and its cause, with the line marked', async () => {
    const { text } = await page(accept)
    const marked = accept === 'text/html' ? /<mark>.*throw new Error/ : /^ {2}> \d+ \| {5}throw new Error/m
    if (accept !== 'application/json') expect(text).toMatch(marked)
    expect(text).toContain('shop.ts')
    expect(text).toContain('TypeError')
  })
})

test('the lifecycle: what ran, and why the rest did not', async () => {
  const { lifecycle } = await json(PATH)
  expect(lifecycle.ran.map(({ stage, method, outcome }) => [stage, method, outcome])).toEqual([
    ['before', 'Shop.openDatabase', 'nothing'],
    ['before', 'Shop.loadUser', 'nothing'],
    ['view', 'Shop.order', 'threw Error: The total of the order could not be computed.'],
  ])
  expect(lifecycle.skipped.map(({ stage, method, why }) => [stage, method, why])).toEqual([
    ['after', 'Shop.addVersion', 'an error that no handler answers skips after methods'],
    ['teardown', 'Shop.closeDatabase', 'waits for the next request, so that you can look at the state of this one'],
    ['afterResponse', 'Shop.count', 'waits until the response is out'],
    ['errorHandler', 'Shop.failed', 'is for 500; not asked while propagateExceptions is on, as in debug mode'],
    ['errorHandler', 'Shop.outOfStock', 'is for OutOfStock'],
  ])
})

test('values are shown by key and type; those on the list with their value, without secrets in it', async () => {
  const { g, session, request } = await json(PATH)
  expect(session).toEqual({ userId: 'number', csrfToken: '(hidden)' })
  expect(g).toEqual({
    databasePassword: '(hidden)',
    customer: "Customer { id: 7, name: 'Ada', passwordHash: '(hidden)' }",
    cart: 'array (2 items)',
  })
  expect(request.url).toBe('/orders/5?token=(hidden)&page=2;api_key=(hidden)')
  expect(request.fields).toMatchObject({
    referer: 'http://127.0.0.1/login?password=(hidden)&next=1',
    authorization: '(hidden)',
    cookie: '(hidden)',
    'x-api-key': '(hidden)',
    'proxy-authorization': '(hidden)',
    'x-plain': 'shown',
  })
})

describe('a URL that no rule matches', () => {
  test.each([
    ['GET', '/order/5', 404, 'Not Found', 'No rule matches GET /order/5.', "has 'orders', not 'order'"],
    [
      'PUT',
      '/orders/5',
      405,
      'Method Not Allowed',
      'No rule matches PUT /orders/5. This path takes GET, HEAD, OPTIONS.',
      'is for GET, HEAD, OPTIONS',
    ],
    ['GET', '/orders/abc', 404, 'Not Found', 'No rule matches GET /orders/abc.', "which does not take 'abc'"],
  ])('%s %s shows the rules that came near', async (method, path, status, name, message, why) => {
    const answer = await json(path, method)
    expect([answer.name, answer.message]).toEqual([name, message])
    expect(answer.nearest[0]).toMatchObject({ rule: '/orders/<int:id>', methods: ['GET', 'HEAD', 'OPTIONS'] })
    expect(answer.nearest[0]?.why).toContain(why)
    expect(answer.lifecycle.ran.map(each => each.method)).toContain('Shop.addVersion')
    for (const accept of ['text/html', '*/*']) {
      const { status: sent, text, headers: fields } = await page(accept, path, method)
      expect([sent, fields['x-version']]).toEqual([status, '1'])
      expect(text.replace(/\s+/g, ' ').replaceAll('&#39;', "'")).toContain(why)
      expect(text).toContain(name)
    }
  })

  test('near none says so', async () => {
    for (const accept of ['text/html', '*/*'])
      expect((await page(accept, '/a/b/c/d')).text).toContain('No rule of the application comes near.')
  })
})

test('text fits into 80 columns, and no byte of a client is obeyed by a terminal', async () => {
  const lines = (
    await page('*/*', `/orders/5?${'long '.repeat(40).trim().replaceAll(' ', '%20')}${'x'.repeat(200)}`)
  ).text.split('\n')
  expect(lines.filter(line => line.length > 80)).toEqual([])
  expect(lines.length).toBeGreaterThan(30)
})

test('the next request runs the teardown that waited, and no request of the page does', async () => {
  await serve(makeShop(), async url => {
    const { text } = await ask(url + PATH, { headers: { Accept: 'text/html' } })
    expect(text.match(/(?:src|href)="[^"]*"/g)).toEqual(['href="data:,"'])
    expect(text).not.toMatch(/<script|javascript:|<form|<iframe| on\w+=| style=/)
  })
})
