import { gzipSync } from 'node:zlib'
import { bodyParser } from '@koa/bodyparser'
import { BeforeRequest, ErrorHandler, HttpError, Post, abort, bootstrap, makeResponse, type Context } from 'flaskoa'
import { serve } from '../support/serve'
import { raw, statuses, written } from './raw'

// The recipe of the README: whatever keeps a body from being read is the client's mistake.

const parseBody = bodyParser({
  jsonLimit: '1kb',
  onError: error => abort((error as Partial<HttpError>).status ?? 400, 'the body cannot be read'),
})

class App {
  @BeforeRequest() async parse(ctx: Context) {
    await parseBody(ctx, async () => {})
  }
  @Post('/') index({ request }: Context) {
    return { body: request.body }
  }
  @Post('/upstream') upstream(): string {
    // As HTTP clients report the answer to a request of their own.
    throw Object.assign(new Error('the upstream refuses'), { status: 400, body: '{' })
  }
  @ErrorHandler(HttpError) failed({ status, message }: HttpError) {
    return makeResponse({ message }, status)
  }
}

async function answer(headers: readonly string[], body: string, path = '/') {
  const errors: string[] = []
  const app = bootstrap(App, { logger: false }).on('error', error => errors.push(String(error)))
  const length = `Content-Length: ${body.length}`
  const received = await serve(app, url => raw(url, written(`POST ${path}`, [length, ...headers], body)))
  return { status: statuses(received)[0], errors, received }
}

const json = 'Content-Type: application/json'

test.each<[string, readonly string[], string, number]>([
  ['JSON that breaks off', [json], '{"a":', 400],
  ['no JSON', [json], '\x00\xff', 400],
  ['a number', [json], '5', 400],
  ['too much JSON', [json], JSON.stringify('x'.repeat(2000)), 413],
  ['no gzip', [json, 'Content-Encoding: gzip'], '{}', 400],
  ['gzip that breaks off', [json, 'Content-Encoding: gzip'], gzipSync('{"a":1}').toString('latin1').slice(0, 15), 400],
  ['gzip of too much', [json, 'Content-Encoding: gzip'], gzipSync(' '.repeat(100_000)).toString('latin1'), 413],
  ['an unknown encoding', [json, 'Content-Encoding: tea'], '{}', 415],
  ['a prototype', [json], '{"__proto__":{"x":1}}', 400],
  ['names of Object’s own', [json], '{"constructor":1,"toString":2}', 200],
  ['a form with many brackets', ['Content-Type: application/x-www-form-urlencoded'], `a${'[b]'.repeat(500)}=c`, 200],
])('%s', async (_, headers, body, expected) => {
  const { status, errors } = await answer(headers, body)
  expect([status, errors]).toEqual([expected, []])
  expect(({} as { x?: unknown }).x).toBeUndefined()
})

test('an error of an upstream request does not set the status of this response', async () => {
  const { status, errors, received } = await answer([json], '{}', '/upstream')
  expect([status, errors]).toEqual([500, ['Error: the upstream refuses']])
  expect(received).not.toMatch('upstream refuses')
})
