// What a visitor does in examples/flaskr, and what there is to see in the answers. The same requests are made to the example and, where
// it is at hand, to Flask.
import { get, request as httpRequest } from 'node:http'
import { URLSearchParams } from 'node:url'

/** A browser, as far as Flaskr needs one: it keeps its cookies and follows nothing. */
class Visitor {
  #cookies = new Map()

  constructor(base) {
    this.base = base
  }

  /** @returns what is to be seen: the fields that matter, and the parts of a page */
  async send(method, path, form, headers = {}) {
    const body = form === undefined ? undefined : typeof form === 'string' ? form : String(new URLSearchParams(form))
    const type = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await exchange(new URL(this.base), method, path, body, {
      ...type,
      ...(cookie && { cookie }),
      ...headers,
    })
    for (const each of answer.headers['set-cookie'] ?? []) this.#receive(each)
    return answer
  }

  get hasSession() {
    return this.#cookies.has('session')
  }

  #receive(text) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(text)
    if (value === '' || /expires=Thu, 01.Jan.1970/i.test(text)) this.#cookies.delete(name)
    else this.#cookies.set(name, value)
  }
}

/** With `node:http`, because fetch can't send some of it. */
function exchange({ hostname, port }, method, path, body, headers) {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
    const req = httpRequest({ hostname, port, method, path, headers: { ...headers, ...length }, agent: false })
    req.on('error', reject)
    req.on('response', res => {
      const chunks = []
      res.on('data', chunk => chunks.push(chunk))
      res.on('error', reject)
      res.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: res.statusCode, headers: res.headers, text })
      })
    })
    req.end(body)
  })
}

/** What can be compared of an answer: dates, the framework's own header fields and white space are left out. */
function seen({ status, headers, text }) {
  const { location, allow, 'content-type': type = '', 'content-disposition': disposition } = headers
  return {
    status,
    ...(location && { location }),
    ...(allow && { allow: allow.split(/, */).sort() }),
    ...(disposition && { disposition }),
    type: type.toLowerCase().replace(/; */, '; '),
    ...(type.startsWith('text/html') ? { page: pageOf(text) } : type.startsWith('text/css') ? {} : { text }),
  }
}

/** The tags and texts of a page, one in a line. */
function pageOf(html) {
  return html
    .replace(/\d{4}-\d\d-\d\d/g, 'DATE')
    .split(/(<[^>]*>)/)
    .map(each => each.trim().replace(/\s+/g, ' '))
    .filter(each => each !== '')
}

const long = 'x'.repeat(3000)
const NASTY = `<script>alert("1")</script> & 'quoted' {{ 7*7 }} é 漢`

/** The requests by visitor: `[visitor, method, path, form?, headers?]`. The session is part of what is seen. */
const REQUESTS = [
  ['anyone', 'GET', '/hello'],
  ['anyone', 'GET', '/'],
  ['anyone', 'HEAD', '/'],
  ['anyone', 'OPTIONS', '/'],
  ['anyone', 'POST', '/', {}],
  ['anyone', 'PUT', '/'],
  ['anyone', 'GET', '/static/style.css'],
  ['anyone', 'HEAD', '/static/style.css'],
  ['anyone', 'POST', '/static/style.css', {}],
  ['anyone', 'GET', '/static/none.css'],
  ['anyone', 'GET', '/static/../src/app.ts'],
  ['anyone', 'GET', '/static/%2e%2e/package.json'],
  ['anyone', 'GET', '/static/'],
  ['anyone', 'GET', '/static'],
  ['anyone', 'GET', '/none'],
  ['anyone', 'GET', '/hello/'],
  ['anyone', 'GET', '/auth/login'],
  ['anyone', 'GET', '/auth/login/'],
  ['anyone', 'GET', '/auth/register'],
  ['anyone', 'HEAD', '/auth/register'],
  ['anyone', 'OPTIONS', '/auth/register'],
  ['anyone', 'DELETE', '/auth/register'],
  ['anyone', 'GET', '/create'],
  ['anyone', 'POST', '/create', { title: 'a', body: 'b' }],
  ['anyone', 'OPTIONS', '/create'],
  ['anyone', 'PUT', '/create'],
  ['anyone', 'GET', '/1/update'],
  ['anyone', 'POST', '/1/update', { title: 'a', body: 'b' }],
  ['anyone', 'POST', '/1/delete', {}],
  ['anyone', 'GET', '/1/delete'],
  ['anyone', 'OPTIONS', '/1/delete'],
  ['anyone', 'GET', '/a/update'],
  ['anyone', 'GET', '/-1/update'],
  ['anyone', 'POST', '/auth/register', { username: '', password: '' }],
  ['anyone', 'POST', '/auth/register', { username: 'ada', password: '' }],
  ['anyone', 'POST', '/auth/register', { username: 'ada' }],
  ['anyone', 'POST', '/auth/register', { password: 'engine' }],
  ['anyone', 'POST', '/auth/register'],
  ['anyone', 'POST', '/auth/register', '{"username":"a","password":"b"}', { 'content-type': 'application/json' }],
  ['anyone', 'POST', '/auth/register', 'username=a&password=b', { 'content-type': 'text/plain' }],
  ['anyone', 'POST', '/auth/register?username=q&password=q', {}],
  ['anyone', 'POST', '/auth/login', { username: 'nobody', password: 'x' }],
  ['anyone', 'POST', '/auth/login', { username: 'nobody' }],
  ['anyone', 'POST', '/auth/login', { username: '', password: '' }],
  ['anyone', 'GET', '/auth/logout'],
  ['anyone', 'POST', '/auth/logout', {}],
  ['ada', 'POST', '/auth/register', { username: 'ada', password: 'engine' }],
  ['ada', 'POST', '/auth/register', { username: 'ada', password: 'other' }],
  ['ada', 'POST', '/auth/login', { username: 'ada', password: 'wrong' }],
  ['ada', 'POST', '/auth/login', { username: 'Ada', password: 'engine' }],
  ['ada', 'POST', '/auth/login', { username: 'ada', password: 'engine' }],
  ['ada', 'GET', '/'],
  ['ada', 'GET', '/create'],
  ['ada', 'HEAD', '/create'],
  ['ada', 'POST', '/create', { title: '', body: 'only a body' }],
  ['ada', 'POST', '/create', { title: 'no body' }],
  ['ada', 'POST', '/create', {}],
  ['ada', 'POST', '/create', { title: 'First', body: 'line 1\nline 2' }],
  ['ada', 'GET', '/'],
  ['anyone', 'GET', '/'],
  ['ada', 'GET', '/1/update'],
  ['ada', 'POST', '/1/update', { title: '', body: 'kept' }],
  ['ada', 'POST', '/1/update', { title: 'Changed', body: '' }],
  ['ada', 'GET', '/1/update'],
  ['ada', 'POST', '/1/update', { title: NASTY, body: NASTY }],
  ['ada', 'GET', '/1/update'],
  ['ada', 'GET', '/'],
  ['ada', 'POST', '/1/update', { title: long, body: `${long}\r\n${long}` }],
  ['ada', 'GET', '/'],
  ['ada', 'GET', '/2/update'],
  ['ada', 'POST', '/2/update', { title: 'x', body: 'y' }],
  ['ada', 'POST', '/2/delete', {}],
  ['grace', 'POST', '/auth/register', { username: NASTY, password: 'ü' }],
  ['grace', 'POST', '/auth/register', { username: NASTY, password: 'ü' }],
  ['grace', 'POST', '/auth/login', { username: NASTY, password: 'ü' }],
  ['grace', 'GET', '/'],
  ['grace', 'GET', '/1/update'],
  ['grace', 'POST', '/1/update', { title: 'stolen', body: '' }],
  ['grace', 'POST', '/1/delete', {}],
  ['grace', 'GET', '/auth/login'],
  ['grace', 'GET', '/auth/logout'],
  ['grace', 'GET', '/create'],
  ['ada', 'GET', '/1/delete'],
  ['ada', 'POST', '/1/delete', {}],
  ['ada', 'POST', '/1/delete', {}],
  ['ada', 'GET', '/'],
  ['ada', 'GET', '/auth/logout'],
  ['ada', 'GET', '/'],
]

/** Makes the requests to a server with an empty database. @returns each with what was seen */
export async function visit(base) {
  const visitors = new Map()
  const answers = []
  for (const [name, ...request] of REQUESTS) {
    if (!visitors.has(name)) visitors.set(name, new Visitor(base))
    const visitor = visitors.get(name)
    const answer = await visitor.send(...request)
    const [method, path, form] = request
    answers.push({
      name: `${name}: ${method} ${path} ${JSON.stringify(form ?? null).slice(0, 60)}`,
      ...seen(answer),
      hasSession: visitor.hasSession,
    })
  }
  return answers
}

/** Waits until a server answers. */
export async function untilServed(base, patience = 60_000) {
  const end = Date.now() + patience
  for (;;) {
    const isThere = await new Promise(resolve => {
      get(base, res => resolve(res.resume() !== undefined)).on('error', () => resolve(false))
    })
    if (isThere) return
    if (Date.now() > end) throw new Error(`${base} does not answer`)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}
