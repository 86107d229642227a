import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { abort, bootstrap, makeResponse, redirect, type Context } from 'flaskoa'
import { client, ConnectionError, UnexpectedResponse } from 'flaskoa/client'
import { Delete, Get, Post, Route, type ArgsOf } from 'flaskoa/contract'
import { z } from 'zod'
import { Gate } from '../support/gate'
import { portOf, serve } from '../support/serve'

const User = z.object({ id: z.int(), name: z.string(), born: z.date() })
const NewUser = z.object({ name: z.string().min(1) })
const Taken = z.object({ title: z.string() })

const routes = {
  create: Post('/users', { body: NewUser, response: { 201: User, 409: Taken } }),
  remove: Delete('/users/<int:id>', { response: { 204: null, 404: null } }),
  text: Get('/text', { response: z.string() }),
  csv: Get('/csv', { response: { 200: 'the users as CSV', 404: Taken } }),
  bytes: Get('/bytes'),
  list: Get('/list', { response: { 404: Taken } }),
  moved: Get('/moved', { response: User }),
  undeclared: Get('/undeclared/<int:status>'),
  search: Get('/search', { query: z.object({ page: z.int() }) }),
  tenant: Get('/tenant', { headers: z.object({ 'x-tenant': z.string() }), response: { 422: z.array(z.string()) } }),
  own: Post('/own', {
    body: NewUser,
    response: { 204: null, 409: z.object({ code: z.string() }), 422: z.object({ code: z.string() }) },
  }),
  head: Route('/text', { methods: ['HEAD'] }),
  fails: Get('/fails', { response: User }),
}

class App {
  @routes.create create({ body: { name } }: ArgsOf<typeof routes.create>) {
    if (name === 'root') return makeResponse({ title: 'taken' }, 409)
    return { id: 1, name, born: new Date(0), password: 'secret' }
  }
  @routes.remove remove({ id }: ArgsOf<typeof routes.remove>) {
    return id === 0 ? makeResponse('', 404) : undefined
  }
  @routes.text text() {
    return '"text"'
  }
  @routes.csv csv(ctx: Context) {
    return ctx.query.gone === undefined ? makeResponse('id;name', 200, { 'Content-Type': 'text/csv' }) : ''
  }
  @routes.bytes bytes() {
    return makeResponse(Buffer.from([1, 2]), 206, { 'Content-Type': 'image/png' })
  }
  @routes.moved moved() {
    return redirect('/other')
  }
  @Get('/other') other() {
    return { id: 1, name: 'ann', born: '' }
  }
  @routes.undeclared undeclared({ status }: ArgsOf<typeof routes.undeclared>) {
    return makeResponse({ status }, status, { 'X-Own': 'yes' })
  }
  @routes.search search({ query }: ArgsOf<typeof routes.search>) {
    return query
  }
  @routes.tenant tenant() {
    return { ok: true }
  }
  @routes.own own({ body: { name } }: ArgsOf<typeof routes.own>) {
    if (name === 'root') return makeResponse({ code: 'taken', secret: 'x' }, 409)
    if (name === 'admin') return makeResponse({ code: 'reserved' }, 422)
    if (name === 'ann') abort(409, 'ann is there', { code: 'there' })
  }
  @routes.fails fails(): never {
    throw new Error('secret')
  }
}

const using = <T>(use: (api: ReturnType<typeof client<typeof routes>>, url: string) => Promise<T>) =>
  serve(bootstrap(App, { logger: false }), url => use(client(url, routes), url))

/** Answers each request with the same raw response. */
async function served<T>(listener: RequestListener, use: (url: string) => Promise<T>): Promise<T> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await use(`http://127.0.0.1:${portOf(server)}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const rejection = async (call: Promise<unknown>) =>
  call.then(
    value => Promise.reject(new Error(`it resolved with ${JSON.stringify(value)}`)),
    (reason: unknown) => reason,
  )

describe('an answer', () => {
  test('has the status, the body as JSON has it, and the header fields', async () => {
    await using(async api => {
      const { status, body, headers, response } = await api.create({ body: { name: 'ann' } })
      expect([status, body]).toEqual([201, { id: 1, name: 'ann', born: '1970-01-01T00:00:00.000Z' }])
      expect(headers.get('Content-Type')).toBe('application/json; charset=utf-8')
      expect(response.url).toMatch(/\/users$/)
    })
  })

  test('may be any declared status', async () => {
    await using(async api => {
      const made = await api.create({ body: { name: 'root' } })
      expect([made.status, made.body]).toEqual([409, { title: 'taken' }])
    })
  })

  test('has no body where null is declared', async () => {
    await using(async api => {
      expect(await api.remove({ id: 1 })).toMatchObject({ status: 204, body: undefined })
      expect(await api.remove({ id: 0 })).toMatchObject({ status: 404, body: undefined })
    })
  })

  test('is a text if it is not JSON, and a Blob if it is no text', async () => {
    await using(async api => {
      expect((await api.text()).body).toBe('"text"')
      expect((await api.csv()).body).toBe('id;name')
      const { status, body } = await api.bytes()
      expect(status).toBe(206)
      expect([...new Uint8Array(await (body as Blob).arrayBuffer())]).toEqual([1, 2])
      expect((body as Blob).type).toBe('image/png')
    })
  })

  test('to HEAD has no body', async () => {
    await using(async api => {
      expect(await api.head()).toMatchObject({ status: 200, body: undefined })
    })
  })

  test('is a 200 besides the errors of a route that declares only errors', async () => {
    await served(
      (_, res) => res.setHeader('Content-Type', 'application/json').end('["a"]'),
      async url => {
        expect(await client(url, routes).list()).toMatchObject({ status: 200, body: ['a'] })
      },
    )
  })

  test('comes from where a redirect leads to', async () => {
    await using(async api => {
      const { body, response } = await api.moved()
      expect([body, response.redirected]).toEqual([{ id: 1, name: 'ann', born: '' }, true])
    })
  })

  test('names what is wrong with the input', async () => {
    await using(async (api, url) => {
      const made = await api.create({ body: { name: '' } })
      expect(made).toMatchObject({
        status: 422,
        body: { title: 'Unprocessable Entity', status: 422, errors: [{ in: 'body', pointer: '#/name' }] },
      })
      const searched = await api.search({ query: { page: 'x' as never } })
      expect(searched).toMatchObject({ status: 422, body: { errors: [{ in: 'query', pointer: '#/page' }] } })
      const tooLarge = await api.create({ body: { name: 'x'.repeat(3_000_000) } })
      expect(tooLarge).toMatchObject({ status: 413, body: { title: 'Payload Too Large' } })
      const otherType = await client(url, routes).create(
        { body: { name: 'ann' } },
        { headers: { 'Content-Type': 'text/csv' } },
      )
      expect(otherType).toMatchObject({ status: 415, body: { status: 415 } })
    })
  })

  test('may be declared for what is wrong with the input, which then is problem details all the same', async () => {
    await using(async api => {
      const problem = { title: 'Unprocessable Entity', status: 422 }
      const tenant = await api.tenant({ headers: {} as never })
      expect(tenant).toMatchObject({ status: 422, body: { ...problem, errors: [{ in: 'headers' }] } })
      const unfit = await api.own({ body: { name: '' } })
      expect(unfit).toMatchObject({ status: 422, body: { ...problem, errors: [{ in: 'body', pointer: '#/name' }] } })
      const returned = await api.own({ body: { name: 'admin' } })
      expect([returned.status, returned.body]).toEqual([422, { code: 'reserved' }])
    })
  })

  test('to an error with a schema is as the schema has it if the view returns it, and problem details if it throws', async () => {
    await using(async api => {
      const returned = await api.own({ body: { name: 'root' } })
      expect([returned.status, returned.body]).toEqual([409, { code: 'taken' }])
      const thrown = await api.own({ body: { name: 'ann' } })
      expect([thrown.status, thrown.body]).toEqual([409, { title: 'Conflict', status: 409, detail: 'ann is there' }])
      expect(thrown.headers.get('Content-Type')).toMatch('application/problem+json')
    })
  })
})

describe('a response that is not declared', () => {
  test('is an UnexpectedResponse', async () => {
    await using(async (api, url) => {
      const error = await rejection(api.undeclared({ status: 404 }))
      expect(error).toBeInstanceOf(UnexpectedResponse)
      const { name, message, method, status, headers, body } = error as UnexpectedResponse
      expect({ name, message, method, status, body, url: (error as UnexpectedResponse).url }).toEqual({
        name: 'UnexpectedResponse',
        message: `GET ${url}/undeclared/404 was answered with 404, which the route does not declare`,
        method: 'GET',
        url: `${url}/undeclared/404`,
        status: 404,
        body: { status: 404 },
      })
      expect(headers.get('X-Own')).toBe('yes')
    })
  })

  test('may be an error of the server, as a document or a page', async () => {
    await using(async (api, url) => {
      const error = (await rejection(api.fails())) as UnexpectedResponse
      expect([error.status, error.body]).toEqual([500, { title: 'Internal Server Error', status: 500 }])
      const headers = { Accept: 'text/html' }
      const page = (await rejection(client(url, routes, { headers }).fails())) as UnexpectedResponse
      expect([page.status, page.body]).toEqual([500, expect.stringContaining('<h1>Internal Server Error</h1>')])
    })
  })

  test('is any status but success where nothing is declared', async () => {
    await using(async api => {
      expect((await api.undeclared({ status: 202 })).body).toEqual({ status: 202 })
      expect(await rejection(api.undeclared({ status: 500 }))).toBeInstanceOf(UnexpectedResponse)
    })
  })

  test('is another success where one is declared', async () => {
    await served(
      (_, res) => res.end(),
      async url => {
        const error = (await rejection(client(url, routes).create({ body: { name: 'ann' } }))) as UnexpectedResponse
        expect([error.status, error.body]).toEqual([200, undefined])
      },
    )
  })
})

describe('a body that is not what its Content-Type says', () => {
  test.each([
    ['application/json', '{"id":'],
    ['application/json; charset=utf-8', ''],
    ['application/problem+json', 'text'],
  ])('is an UnexpectedResponse: %s with %j', async (type, content) => {
    await served(
      (_, res) => res.setHeader('Content-Type', type).end(content),
      async url => {
        const error = (await rejection(client(url, routes).bytes())) as UnexpectedResponse
        expect(error).toBeInstanceOf(UnexpectedResponse)
        expect(error.message).toBe(`GET ${url}/bytes was answered with 200, whose body is not the JSON that it says`)
        expect([error.status, error.body, (error.cause as Error).name]).toEqual([200, content, 'SyntaxError'])
      },
    )
  })

  test.each([
    ['application/vnd.api+json', '{"a":1}', { a: 1 }],
    ['TEXT/JSON', '1', 1],
    ['text/html', '<p>', '<p>'],
    ['image/svg+xml; charset=utf-8', '<svg/>', '<svg/>'],
  ])('%s is read as such', async (type, content, body) => {
    await served(
      (_, res) => res.setHeader('Content-Type', type).end(content),
      async url => {
        expect((await client(url, routes).bytes()).body).toEqual(body)
      },
    )
  })
})

describe('a connection that breaks', () => {
  test('before a response is a ConnectionError', async () => {
    await served(
      (_, res) => res.destroy(),
      async url => {
        const error = await rejection(client(url, routes).bytes())
        expect(error).toBeInstanceOf(ConnectionError)
        const { name, message, method, cause } = error as ConnectionError
        expect({ name, message, method, url: (error as ConnectionError).url }).toEqual({
          name: 'ConnectionError',
          message: `GET ${url}/bytes: the server could not be reached, or the connection broke`,
          method: 'GET',
          url: `${url}/bytes`,
        })
        expect((cause as Error).message).toBe('fetch failed')
      },
    )
  })

  test('in the middle of a response is a ConnectionError', async () => {
    await served(
      (_, res) => {
        res.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': 10 }).write('text')
        setImmediate(() => res.destroy())
      },
      async url => {
        const error = await rejection(client(url, routes).bytes())
        expect(error).toBeInstanceOf(ConnectionError)
        expect((error as { cause: Error }).cause.message).toBe('terminated')
      },
    )
  })

  test('because there is no server is a ConnectionError', async () => {
    const url = await served(
      () => undefined,
      url => Promise.resolve(url),
    )
    expect(await rejection(client(url, routes).bytes())).toBeInstanceOf(ConnectionError)
  })
})

describe('an aborted signal rejects with its reason', () => {
  const reason = new Error('no longer wanted')

  test('before the request', async () => {
    expect(await rejection(client('http://127.0.0.1', routes).bytes({}, { signal: AbortSignal.abort(reason) }))).toBe(
      reason,
    )
  })

  test('before a response', async () => {
    const controller = new AbortController()
    await served(
      () => {
        controller.abort(reason)
      },
      async url => {
        expect(await rejection(client(url, routes).bytes({}, { signal: controller.signal }))).toBe(reason)
      },
    )
  })

  test('in the middle of a response', async () => {
    const controller = new AbortController()
    const gate = new Gate()
    await served(
      (_, res) => {
        res.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': 10 }).write('text')
      },
      async url => {
        const fetching = async (url: string, init: RequestInit) => {
          const response = await fetch(url, init)
          void gate.pass()
          return response
        }
        const call = rejection(client(url, routes, { fetch: fetching }).bytes({}, { signal: controller.signal }))
        await gate.reached
        controller.abort(reason)
        expect(await call).toBe(reason)
      },
    )
  })
})
