import { isDeepStrictEqual } from 'node:util'
import { ask, type Exchange } from './client'
import type { Answer } from './response-reader'

/** A request, and the response that every server must give before it is measured. */
interface Expected {
  readonly method?: string
  readonly path: string
  readonly body?: string
  readonly status: number
  readonly type: RegExp
  readonly answer: string
  readonly headers?: Readonly<Record<string, RegExp>>
}

export interface Workload {
  readonly name: string
  readonly title: string
  /** The requests, sent in turn. Most workloads have one. */
  readonly requests: readonly Expected[]
  /** Whether a first request fetches the cookies that the others send. */
  readonly cookies?: boolean
}

const JSON_TYPE = /^application\/json/
const STREAM_BYTES = 2 ** 20

const show = (path: string): Expected => ({
  path,
  status: 200,
  type: JSON_TYPE,
  answer: '{"id":42,"by":"root"}',
  headers: { 'x-user': /^root$/ },
})

const fail: Expected = { path: '/fail', status: 500, type: JSON_TYPE, answer: '{"error":"broken"}' }

/** 64 KB of JSON: a list of records. */
const items = Array.from({ length: 700 }, (_, id) => ({
  id,
  name: `item number ${String(id)}`,
  price: id * 1.25,
  tags: ['red', 'small'],
  sold: id % 2 === 0,
}))

const routes = (count: number): Workload => ({
  name: `routes-${count}`,
  title: `${count} routes, the last`,
  requests: [show(`/r${count - 1}/42`)],
})

const hooks = (count: number): Workload => ({
  name: `hooks-${count}`,
  title: count === 1 ? '1 hook' : `${count} hooks`,
  requests: [{ path: '/', status: 200, type: JSON_TYPE, answer: `{"hooks":${count}}` }],
})

export const workloads: readonly Workload[] = [
  {
    name: 'hello',
    title: 'hello',
    requests: [{ path: '/', status: 200, type: /^text\/(plain|html)/, answer: 'Hello World' }],
  },
  { name: 'lifecycle', title: 'lifecycle', requests: [show('/users/42')] },
  { name: 'lifecycle-async', title: 'lifecycle, async methods', requests: [show('/users/42')] },
  routes(200),
  routes(1000),
  hooks(1),
  hooks(4),
  hooks(16),
  hooks(64),
  {
    name: 'session',
    title: 'session',
    cookies: true,
    requests: [
      { path: '/', status: 200, type: JSON_TYPE, answer: '{"visits":2}', headers: { 'set-cookie': /[^=]+=./ } },
    ],
  },
  { name: 'session-untouched', title: 'session, untouched', requests: [show('/users/42')] },
  {
    name: 'stream',
    title: '1 MB stream',
    requests: [{ path: '/', status: 200, type: /^application\/octet-stream/, answer: 'x'.repeat(STREAM_BYTES) }],
  },
  { name: 'errors', title: '10 % errors', requests: [...Array<Expected>(9).fill(show('/users/42')), fail] },
  {
    name: 'json',
    title: '64 KB JSON',
    requests: [
      {
        method: 'POST',
        path: '/',
        body: JSON.stringify({ items }),
        status: 200,
        type: JSON_TYPE,
        answer: `{"items":${items.length}}`,
      },
    ],
  },
  {
    name: 'input',
    title: 'JSON body with a schema',
    requests: [
      {
        method: 'POST',
        path: '/users',
        body: '{"name":"ann","email":"ann@example.com","age":36,"tags":["red","small"]}',
        status: 200,
        type: JSON_TYPE,
        answer: '{"name":"ann","tags":2}',
      },
    ],
  },
]

/** Workloads with a number. growth.ts uses other numbers than the table. */
const numbered: Readonly<Record<string, (count: number) => Workload>> = {
  routes,
  hooks,
  'bare-hooks': count => ({ ...hooks(count), name: `bare-hooks-${count}` }),
  'async-hooks': count => ({ ...hooks(count), name: `async-hooks-${count}` }),
  levels: count => ({
    name: `levels-${count}`,
    title: `${count} levels of blueprints`,
    requests: [show(`${'/b'.repeat(count)}/users/42`)],
  }),
}

export function workloadNamed(name: string): Workload {
  const [, kind = '', count] = /^(.+)-(\d+)$/.exec(name) ?? []
  const found = workloads.find(workload => workload.name === name) ?? numbered[kind]?.(Number(count))
  if (found === undefined) throw new Error(`no workload ${name}: ${workloads.map(each => each.name).join(', ')}`)
  return found
}

/** Sends each request once and checks the response. Returns the exchanges that the load repeats. */
export async function check(workload: Workload, port: number): Promise<Exchange[]> {
  const cookies = workload.cookies === true ? await firstCookies(workload, port) : ''
  const exchanges = new Map<Expected, Exchange>()
  for (const expected of new Set(workload.requests)) {
    const request = write(expected, cookies)
    const answer = await ask(port, request)
    refuseWrong(expected, answer)
    exchanges.set(expected, { request, status: answer.status, length: answer.length })
  }
  return workload.requests.map(expected => exchanges.get(expected) as Exchange)
}

function refuseWrong(expected: Expected, { status, head, body }: Answer): void {
  const text = (body as Buffer).toString()
  const wrong = Object.entries({ 'content-type': expected.type, ...expected.headers })
    .filter(([name, value]) => !value.test(header(head, name)[0] ?? ''))
    .map(([name]) => name)
  if (status !== expected.status) wrong.unshift('status')
  if (!sameBody(expected, text)) wrong.push('body')
  if (wrong.length > 0) throw new Error(`wrong ${wrong.join(', ')}:\n${head}\n\n${text.slice(0, 500)}`)
}

/** Flask sorts the keys of JSON and ends it with a line feed: both are accepted. */
function sameBody({ type, answer }: Expected, text: string): boolean {
  return text === answer || (type === JSON_TYPE && isDeepStrictEqual(JSON.parse(text), JSON.parse(answer)))
}

async function firstCookies({ requests }: Workload, port: number): Promise<string> {
  const { head } = await ask(port, write(requests[0] as Expected, ''))
  return header(head, 'set-cookie')
    .map(cookie => cookie.replace(/;.*/, ''))
    .join('; ')
}

function header(head: string, name: string): string[] {
  return [...head.matchAll(new RegExp(`\r\n${name}: *([^\r]*)`, 'gi'))].map(match => match[1] as string)
}

function write({ method = 'GET', path, body }: Expected, cookies: string): Buffer {
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: localhost', 'Accept: */*']
  if (cookies !== '') lines.push(`Cookie: ${cookies}`)
  if (body !== undefined) lines.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`)
  return Buffer.from([...lines, '', body ?? ''].join('\r\n'))
}
