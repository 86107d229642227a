import { Get, HttpError, abort, bootstrap, makeResponse, type BootstrapOptions } from 'flaskoa'
import { ask } from '../support/ask'
import { clientOf } from '../support/client'
import { serve } from '../support/serve'

const viewOf = (view: () => unknown) => {
  class App {
    @Get('/') index() {
      return view() as object
    }
  }
  return App
}

/** JavaScript has no types that refuse these. */
const made = (status: unknown, headers: unknown) =>
  makeResponse('text', status as number, headers as Record<string, string>)

describe('header fields may be given as an object, as Headers, as a Map and as pairs', () => {
  const pairs: [string, unknown][] = [
    ['X-Text', 'a'],
    ['X-Number', 5],
    ['X-List', ['b', 6]],
    ['X-Missing', undefined],
    ['X-Null', null],
  ]
  test.each<[string, unknown]>([
    ['an object', Object.fromEntries(pairs)],
    ['an object without a prototype', Object.assign(Object.create(null) as object, Object.fromEntries(pairs))],
    ['pairs', pairs],
    ['a Map', new Map(pairs)],
    ['Headers', new Headers({ 'X-Text': 'a', 'X-Number': '5', 'X-List': 'b, 6' })],
  ])('%s', async (_, headers) => {
    const views = [
      () => made(200, headers),
      () => abort(429, 'slowly', { headers }),
      () => new HttpError('slowly', { status: 429, headers: headers as Record<string, string> }),
    ]
    for (const view of views) {
      const response = await clientOf(viewOf(view)).get('/')
      const names = ['x-text', 'x-number', 'x-list', 'x-missing', 'x-null']
      expect(names.map(name => response.header(name))).toEqual(['a', '5', 'b, 6', undefined, undefined])
    }
  })

  test('Set-Cookie is added, also several times in Headers', async () => {
    const headers = new Headers([
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
    ])
    expect((await clientOf(viewOf(() => made(200, headers))).get('/')).headers['set-cookie']).toEqual(['a=1', 'b=2'])
  })

  test('an error of middleware around the lifecycle has its fields as well', async () => {
    const error = Object.assign(new Error('slowly'), {
      status: 429,
      expose: true,
      headers: { 'Retry-After': 5, Link: null },
    })
    const options: BootstrapOptions = { logger: false, middleware: [() => Promise.reject(error)] }
    const seen = await serve(
      bootstrap(
        viewOf(() => 'text'),
        options,
      ),
      url => ask(url),
    )
    expect([seen.status, seen.headers['retry-after'], seen.headers.link]).toEqual([429, '5', undefined])
  })

  test.each([['a text'], [[null, 'text', 5]], [5]])(
    'what holds no fields in an error, %j, is not sent',
    async headers => {
      const response = await clientOf(viewOf(() => abort(429, 'slowly', { headers }))).get('/')
      expect([response.status, response.header('0')]).toEqual([429, undefined])
    },
  )
})

describe('makeResponse refuses', () => {
  test.each([['a text'], [null], [5]])('headers that are none: %j', async headers => {
    const response = clientOf(
      viewOf(() => made(200, headers)),
      { testing: true },
    ).get('/')
    await expect(response).rejects.toThrow(/^makeResponse: the headers must be an object, not /)
  })

  test.each([['201'], [null], [NaN], [100], [101], [103], [199], [1000], [200.5], [{ 'X-Text': 'a' }]])(
    'the status %j, which no client could take for the end of its request',
    async status => {
      const response = clientOf(
        viewOf(() => made(status, {})),
        { testing: true },
      ).get('/')
      await expect(response).rejects.toThrow(/^makeResponse: the status must be a whole number from 200 to 999, not /)
    },
  )

  test('and the response before it is sent', async () => {
    const view = () => {
      try {
        return made(103, {})
      } catch {
        return 'text'
      }
    }
    expect((await clientOf(viewOf(view)).get('/')).text).toBe('text')
  })
})
