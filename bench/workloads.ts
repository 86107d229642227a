import { isDeepStrictEqual } from 'node:util'
import type { Client, Exchange, Protocol, Request } from './client'
import { http1 } from './http1'
import { http2 } from './http2'
import type { Answer } from './response-reader'

/** A request, and the response that every server must give before it is measured. */
interface Expected {
  readonly method?: string
  readonly path: string
  readonly body?: string
  readonly status: number
  /** The type and the body, unless each server has its own. */
  readonly type?: RegExp
  readonly answer?: string
  readonly headers?: Readonly<Record<string, RegExp>>
}

export interface Workload {
  readonly name: string
  readonly title: string
  /** The requests, sent in turn. Most workloads have one. */
  readonly requests: readonly Expected[]
  /** The path of a first request, which fetches the cookies that the others send. */
  readonly cookies?: string
  /** HTTP/1.1 unless it says otherwise. */
  readonly protocol?: Protocol
}

const JSON_TYPE = /^application\/json/

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

const asyncHooks = (count: number): Workload => ({
  ...hooks(count),
  name: `async-hooks-${count}`,
  title: `${count} async hooks`,
})

const stream = (bytes: number): Expected => ({
  path: '/',
  status: 200,
  type: /^application\/octet-stream/,
  answer: 'x'.repeat(bytes),
})

export const workloads: readonly Workload[] = [
  {
    name: 'hello',
    title: 'hello',
    requests: [{ path: '/', status: 200, type: /^text\/(plain|html)/, answer: 'Hello World' }],
  },
  { name: 'lifecycle', title: 'lifecycle', requests: [show('/users/42')] },
  { name: 'lifecycle-async', title: 'lifecycle, async methods', requests: [show('/users/42')] },
  { name: 'lifecycle-awaits', title: 'lifecycle, an await in each of four', requests: [show('/users/42')] },
  { name: 'http2', title: 'lifecycle over HTTP/2', protocol: http2, requests: [show('/users/42')] },
  routes(200),
  routes(1000),
  hooks(1),
  hooks(4),
  hooks(16),
  hooks(64),
  asyncHooks(8),
  {
    name: 'session',
    title: 'session',
    cookies: '/',
    requests: [
      { path: '/', status: 200, type: JSON_TYPE, answer: '{"visits":2}', headers: { 'set-cookie': /[^=]+=./ } },
    ],
  },
  {
    name: 'session-read',
    title: 'session, read',
    cookies: '/login',
    requests: [
      {
        path: '/',
        status: 200,
        type: JSON_TYPE,
        answer: '{"user":"root"}',
        headers: { vary: /^cookie$/i, 'set-cookie': /^$/ },
      },
    ],
  },
  { name: 'session-untouched', title: 'session, untouched', requests: [show('/users/42')] },
  { name: 'stream', title: '1 MB stream', requests: [stream(2 ** 20)] },
  { name: 'stream-64k', title: '64 KB stream', requests: [stream(2 ** 16)] },
  {
    name: 'abort',
    title: '404 by abort',
    requests: [{ path: '/users/42', status: 404, type: JSON_TYPE, answer: '{"error":"no user 42"}' }],
  },
  { name: 'not-found', title: 'unknown URL', requests: [{ path: '/unknown', status: 404 }] },
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
  'async-hooks': asyncHooks,
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

/** A load that is in flight on so many lanes. */
export function open(
  workload: Workload,
  port: number,
  inFlight: number,
  exchanges: readonly Exchange[],
): Promise<Client> {
  return protocolOf(workload).open(port, inFlight, exchanges)
}

const protocolOf = ({ protocol = http1 }: Workload) => protocol

/** Sends each request once and checks the response. Returns the exchanges that the load repeats. */
export async function check(workload: Workload, port: number): Promise<Exchange[]> {
  const { ask } = protocolOf(workload)
  const cookies = workload.cookies === undefined ? '' : await cookiesFrom(workload.cookies, port)
  const exchanges = new Map<Expected, Exchange>()
  for (const expected of new Set(workload.requests)) {
    const request = requestOf(expected, cookies)
    const answer = await ask(port, request)
    refuseWrong(expected, answer)
    exchanges.set(expected, { request, status: answer.status, length: answer.length })
  }
  return workload.requests.map(expected => exchanges.get(expected) as Exchange)
}

function refuseWrong(expected: Expected, { status, head, body }: Answer): void {
  const text = (body as Buffer).toString()
  const wrong = Object.entries({ 'content-type': expected.type ?? /./, ...expected.headers })
    .filter(([name, value]) => !value.test(header(head, name)[0] ?? ''))
    .map(([name]) => name)
  if (status !== expected.status) wrong.unshift('status')
  if (!sameBody(expected, text)) wrong.push('body')
  if (wrong.length > 0) throw new Error(`wrong ${wrong.join(', ')}:\n${head}\n\n${text.slice(0, 500)}`)
}

/** Flask sorts the keys of JSON and ends it with a line feed: both are accepted. */
function sameBody({ type, answer }: Expected, text: string): boolean {
  if (answer === undefined || text === answer) return true
  return type === JSON_TYPE && isDeepStrictEqual(JSON.parse(text), JSON.parse(answer))
}

async function cookiesFrom(path: string, port: number): Promise<string> {
  const { head } = await http1.ask(port, requestTo(path))
  return header(head, 'set-cookie')
    .map(cookie => cookie.replace(/;.*/, ''))
    .join('; ')
}

function header(head: string, name: string): string[] {
  return [...head.matchAll(new RegExp(`\r\n${name}: *([^\r]*)`, 'gi'))].map(match => match[1] as string)
}

/** A request without a body. */
export function requestTo(path: string): Request {
  return { method: 'GET', path, headers: { Accept: '*/*' }, body: '' }
}

function requestOf({ method = 'GET', path, body = '' }: Expected, cookies: string): Request {
  const headers: Record<string, string> = { Accept: '*/*' }
  if (cookies !== '') headers.Cookie = cookies
  if (body !== '') headers['Content-Type'] = 'application/json'
  if (body !== '') headers['Content-Length'] = `${Buffer.byteLength(body)}`
  return { method, path, headers, body }
}
