import { toJsonSchema } from '@valibot/to-json-schema'
import {
  AfterRequest,
  BeforeRequest,
  Blueprint,
  ErrorHandler,
  Get,
  HttpError,
  Post,
  Put,
  Route,
  TeardownRequest,
  UrlValuePreprocessor,
  ValidationError,
  request,
  type Context,
  type KoaResponse,
  type Schema,
} from 'flaskoa'
import * as v from 'valibot'
import { z } from 'zod'
import { clientOf } from '../support/client'
import { post } from '../support/declared'
import { setupError } from '../support/setup-error'

const NewUser = z.object({ name: z.string().min(1), tags: z.array(z.object({ id: z.int() })).optional() })
type NewUser = z.infer<typeof NewUser>
const Page = z.object({ page: z.int().default(1) })
type Page = z.infer<typeof Page>

const JSON_TYPE = { 'Content-Type': 'application/json' }

test('each location arrives as a named value beside the variables of the rule, then ctx', async () => {
  class App {
    @Put('/users/<int:id>', {
      body: NewUser,
      query: Page,
      headers: z.object({ 'x-tenant': z.string() }),
      cookies: z.object({ theme: z.string() }),
    })
    replace(values: { id: number; body: NewUser; query: Page; headers: object; cookies: object }, ctx: Context) {
      return { ...values, path: ctx.path }
    }
  }
  const response = await clientOf(App).put('/users/3?page=2', {
    json: { name: 'ann', more: true },
    headers: { 'X-Tenant': 't', Cookie: 'theme=dark%20blue' },
  })
  expect(response.json()).toEqual({
    id: 3,
    body: { name: 'ann' },
    query: { page: 2 },
    headers: { 'x-tenant': 't' },
    cookies: { theme: 'dark blue' },
    path: '/users/3',
  })
})

test('a form, and the defaults and the variables of a prefix beside it', async () => {
  @Blueprint('/<lang>', { defaults: { color: 'red' } })
  class Pages {
    @Post('/', { form: z.object({ size: z.int() }), defaults: { of: 'page' } })
    save(values: { lang: string; color: string; of: string; form: { size: number } }) {
      return values
    }
  }
  class App {
    @Get('/')
    index() {
      return ''
    }
  }
  const response = await clientOf(App, { blueprints: [Pages] }).post('/en/', { form: { size: '7' } })
  expect(response.json()).toEqual({ lang: 'en', color: 'red', of: 'page', form: { size: 7 } })
})

test('what the schema makes of a value is what the view gets', async () => {
  const Day = z.object({ day: z.iso.date().transform(text => new Date(text)) })
  class App {
    @Get('/', { query: Day })
    index({ query }: { query: { day: Date } }) {
      return String(query.day.getUTCFullYear())
    }
  }
  expect((await clientOf(App).get('/?day=2026-05-01')).text).toBe('2026')
})

test('preprocessors, before methods, input, view: a before method that answers comes before the input', async () => {
  const log: string[] = []
  const body = NewUser.refine(() => log.push('input') > 0)
  class App {
    @UrlValuePreprocessor
    preprocess() {
      log.push('preprocessor')
    }

    @BeforeRequest
    guard(ctx: Context) {
      log.push('before')
      return ctx.query.deny === undefined ? undefined : 'denied'
    }

    @Post('/', { body })
    view() {
      log.push('view')
      return 'viewed'
    }
  }
  const client = clientOf(App)
  expect((await client.post('/', { json: { name: 'a' } })).text).toBe('viewed')
  expect(log.splice(0)).toEqual(['preprocessor', 'before', 'input', 'view'])
  expect((await client.post('/?deny=1', { body: '{', headers: JSON_TYPE })).text).toBe('denied')
  expect(log).toEqual(['preprocessor', 'before'])
})

test('the automatic OPTIONS reads no input', async () => {
  class App {
    @Post('/', { body: NewUser, query: NewUser })
    view() {
      return ''
    }
  }
  expect((await clientOf(App).request('OPTIONS', '/')).status).toBe(200)
})

test('values that a preprocessor changes are kept', async () => {
  class App {
    @UrlValuePreprocessor
    preprocess(_: string | undefined, values: Record<string, unknown> | undefined) {
      if (values !== undefined) values.id = 99
    }

    @Get('/<int:id>', { query: Page })
    view({ id, query }: { id: number; query: Page }) {
      return [id, query.page, request.viewArgs]
    }
  }
  expect((await clientOf(App).get('/1')).json()).toEqual([99, 1, { id: 99 }])
})

describe('problems', () => {
  class App {
    @Post('/', { body: NewUser, query: Page, cookies: z.object({ 'a/b': z.string() }) })
    create() {
      return 'created'
    }
  }
  const errors = [
    { in: 'query', pointer: '#/page', detail: 'Invalid input: expected number, received string' },
    { in: 'cookies', pointer: '#/a~1b', detail: 'Invalid input: expected string, received undefined' },
    { in: 'body', pointer: '#/name', detail: 'Too small: expected string to have >=1 characters' },
    { in: 'body', pointer: '#/tags/0/id', detail: 'Invalid input: expected number, received string' },
  ]
  const send = (client: ReturnType<typeof clientOf>, headers = {}) =>
    client.post('/?page=x', { json: { name: '', tags: [{ id: 'x' }] }, headers })

  test('of all locations are one answer, as problem details', async () => {
    const response = await send(clientOf(App))
    expect([response.status, response.headers['content-type'], response.headers.vary]).toEqual([
      422,
      'application/problem+json',
      'Accept',
    ])
    expect(response.json()).toEqual({
      title: 'Unprocessable Entity',
      status: 422,
      detail: 'The request has 4 problems.',
      errors,
    })
  })

  test('a client that prefers HTML gets a page', async () => {
    const response = await send(clientOf(App), { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' })
    expect([response.status, response.headers['content-type'], response.headers.vary]).toEqual([
      422,
      'text/html; charset=utf-8',
      'Accept',
    ])
    expect(response.text).toContain('query/page: Invalid input')
  })

  test('one problem is one problem', async () => {
    const response = await clientOf(App).post('/', { json: { name: 'a' } })
    expect(response.json()).toEqual({
      title: 'Unprocessable Entity',
      status: 422,
      detail: 'The request has a problem.',
      errors: [errors[1]],
    })
  })

  test('after methods and teardown run, teardown without an error', async () => {
    const log: unknown[] = []
    class Ending extends App {
      @AfterRequest
      after(response: KoaResponse) {
        log.push(response.status)
        return response
      }

      @TeardownRequest
      teardown(error: Error | undefined) {
        log.push(error)
      }
    }
    await send(clientOf(Ending))
    expect(log).toEqual([422, undefined])
  })

  test.each([422, ValidationError, HttpError, Error])('a handler for %p gets them all', async key => {
    class Handled extends App {
      @ErrorHandler(key as typeof ValidationError)
      invalid(error: ValidationError) {
        return { message: error.message, status: error.status, expose: error.expose, problems: error.problems }
      }
    }
    expect((await send(clientOf(Handled))).json()).toEqual({
      message: errors
        .map(({ in: location, pointer, detail }) => `${location}${pointer.slice(1)}: ${detail}`)
        .join('; '),
      status: 422,
      expose: true,
      problems: errors,
    })
  })

  test('the innermost handler wins', async () => {
    @Blueprint('/inner')
    class Inner {
      @Get('/', { query: z.object({ n: z.int() }) })
      view() {
        return ''
      }

      @ErrorHandler(ValidationError)
      invalid() {
        return 'inner'
      }
    }
    class Outer {
      @ErrorHandler(ValidationError)
      invalid() {
        return 'outer'
      }
    }
    expect((await clientOf(Outer, { blueprints: [Inner] }).get('/inner/')).text).toBe('inner')
  })
})

test('asynchronous checks are awaited, and the problems stay in their order', async () => {
  const isFree = (name: string) => Promise.resolve(name !== 'root')
  class App {
    @Post('/', {
      query: z.object({ a: z.string().refine(isFree, 'a is taken') }),
      body: z.object({ name: z.string().refine(isFree, 'name is taken') }),
    })
    create({ body }: { body: { name: string } }) {
      return body
    }
  }
  const client = clientOf(App)
  expect((await client.post('/?a=ann', { json: { name: 'ann' } })).json()).toEqual({ name: 'ann' })
  const { errors } = (await client.post('/?a=root', { json: { name: 'root' } })).json<{ errors: unknown }>()
  expect(errors).toEqual([
    { in: 'query', pointer: '#/a', detail: 'a is taken' },
    { in: 'body', pointer: '#/name', detail: 'name is taken' },
  ])
})

describe('asynchronous checks of zod', () => {
  const isFree = jest.fn<Promise<boolean>, [unknown]>()
  const kind = z.string()
  const tree = z.object({
    name: z.string(),
    get children(): z.ZodOptional<z.ZodArray<z.ZodType>> {
      return z.array(tree.refine(isFree)).optional()
    },
  })

  test.each<[string, z.ZodType, unknown?]>([
    ['a refinement', z.object({ name: z.string().refine(isFree) })],
    ['a refinement by a plain function', z.object({ name: z.string().refine(name => isFree(name)) })],
    [
      'a refinement of the whole',
      z.object({ name: z.string() }).superRefine(async name => {
        await isFree(name)
      }),
    ],
    [
      'a check',
      z.object({
        name: z.string().check(async ({ value }) => {
          await isFree(value)
        }),
      }),
    ],
    ['a transform', z.object({ name: z.string().transform(isFree) })],
    ['preprocess', z.object({ name: z.preprocess(isFree, z.boolean()) })],
    ['a codec', z.object({ name: z.codec(kind, z.boolean(), { decode: isFree, encode: () => '' }) })],
    ['a promise', z.object({ name: z.preprocess(isFree, z.promise(z.boolean())) })],
    ['in a list of a lazy schema', z.lazy(() => z.object({ name: z.string(), all: z.array(kind.refine(isFree)) }))],
    ['in a union', z.union([z.number(), z.object({ name: kind.refine(isFree) })])],
    ['in a recursive schema', tree, { name: 'a', children: [{ name: 'b' }] }],
  ])('%s runs once for a request, and its error is a 500', async (_, body, json = { name: 'a', all: ['a'] }) => {
    class App {
      @post('/', { body })
      create() {
        return 'created'
      }
    }
    const client = clientOf(App)
    isFree.mockReset().mockRejectedValueOnce(new Error('no database')).mockResolvedValue(true)
    expect((await client.post('/', { json })).status).toBe(500)
    expect(isFree).toHaveBeenCalledTimes(1)
    expect((await client.post('/', { json })).text).toBe('created')
    expect(isFree).toHaveBeenCalledTimes(2)
  })

  test('a default is not made before it is needed', async () => {
    const make = jest.fn(() => 'b')
    class App {
      @post('/', { body: z.object({ name: z.string().default(make), again: z.string().prefault(make) }) })
      create({ body }: { body: unknown }) {
        return body
      }
    }
    const client = clientOf(App)
    await client.post('/', { json: { name: 'a', again: 'a' } })
    expect(make).not.toHaveBeenCalled()
    expect((await client.post('/', { json: {} })).json()).toEqual({ name: 'b', again: 'b' })
  })
})

test('a body with more problems than a client can read: the first are listed', async () => {
  class App {
    @Post('/', { body: z.array(z.int()) })
    create() {
      return 'never'
    }
  }
  const client = clientOf(App)
  const { detail, errors } = (await client.post('/', { json: Array(5000).fill('x') })).json<{
    detail: string
    errors: { pointer: string }[]
  }>()
  expect([detail, errors.length]).toEqual(['The request has 5000 problems. The first 100 are listed.', 100])
  expect(errors[99]?.pointer).toBe('#/99')
  const html = await client.post('/', { json: Array(5000).fill('x'), headers: { Accept: 'text/html' } })
  expect(html.text).toContain('and 4990 more')
  expect(html.text.length).toBeLessThan(2000)
})

test('a schema whose own code fails is a 500, while another is still being checked', async () => {
  class App {
    @Get('/', {
      query: v.objectAsync({
        a: v.pipeAsync(
          v.string(),
          v.checkAsync(() => Promise.reject(new Error('later'))),
        ),
      }),
      headers: z.object({}).refine(() => {
        throw new Error('at once')
      }),
    })
    view() {
      return ''
    }
  }
  expect((await clientOf(App).get('/?a=1')).status).toBe(500)
})

test.each([
  [new RangeError('stack'), 400],
  [new Error('own'), 500],
])('a schema that throws %p at once is a %d', async (error, status) => {
  const validate = () => {
    throw error
  }
  class App {
    @Post('/', { body: { '~standard': { version: 1, vendor: 'own', validate } } })
    view() {
      return ''
    }
  }
  expect((await clientOf(App).post('/', { json: {} })).status).toBe(status)
})

test('a document that is deeper than a recursive schema can follow is a 400', async () => {
  interface Tree {
    child?: Tree | undefined
  }
  const Tree: z.ZodType<Tree> = z.object({
    get child() {
      return Tree.optional()
    },
  })
  class App {
    @Post('/', { body: Tree })
    view() {
      return 'fine'
    }
  }
  const deep = '{"child":'.repeat(100_000) + '{}' + '}'.repeat(100_000)
  const response = await clientOf(App, { limits: { body: 10_000_000 } }).post('/', { body: deep, headers: JSON_TYPE })
  expect([response.status, response.json()]).toEqual([
    400,
    { title: 'Bad Request', status: 400, detail: 'the body is nested too deeply' },
  ])
})

describe('a body that is no JSON', () => {
  class App {
    @Post('/', { body: NewUser.optional() })
    create({ body }: { body?: NewUser | undefined }) {
      return { body: body ?? 'none' }
    }
  }
  const post = async (body: string | Buffer, type = 'application/json') => {
    const response = await clientOf(App).post('/', { body, headers: { 'Content-Type': type } })
    return [response.status, response.json<{ detail: string }>().detail]
  }

  test.each([
    ['text', 'application/json', 400, 'the body is not JSON'],
    ['"__proto__" forbidden prototype property', 'application/json', 400, 'the body is not JSON'],
    ['{"__proto__":{}}', 'application/json', 400, 'the body has a name that is not allowed: __proto__ or constructor'],
    [
      '{"a":{"constructor":{"prototype":{}}}}',
      'application/json',
      400,
      'the body has a name that is not allowed: __proto__ or constructor',
    ],
    ['{}', 'text/plain', 415, 'the body is not JSON: send it as application/json'],
    ['{}', 'application/json; charset=latin1', 415, 'the charset "latin1" of the body is not supported: send UTF-8'],
    [Buffer.from([0x22, 0xff, 0x22]), 'application/json', 400, 'the body is not UTF-8'],
  ])('%p as %s is a %d', async (body, type, status, detail) => {
    expect(await post(body, type)).toEqual([status, detail])
  })

  test('no body is undefined for the schema', async () => {
    expect((await clientOf(App).post('/')).json()).toEqual({ body: 'none' })
  })

  test.each(['application/vnd.api+json', 'application/json;charset="UTF-8"', 'application/json; charset=us-ascii'])(
    '%s is JSON',
    async type => {
      const response = await clientOf(App).post('/', { body: '\uFEFF{"name":"é"}', headers: { 'Content-Type': type } })
      expect(response.json()).toEqual({ body: { name: 'é' } })
    },
  )
})

describe('problem details for other errors', () => {
  class App {
    @Get('/declared', { query: Page })
    declared(): never {
      throw new HttpError('no such page', { status: 404 })
    }

    @Get('/broken', { query: Page })
    broken(): never {
      throw new Error('secret')
    }

    @Get('/plain')
    plain(): never {
      throw new HttpError(undefined, { status: 409 })
    }
  }
  const get = async (path: string, options = {}) => {
    const response = await clientOf(App, options).get(path)
    return [response.headers['content-type'], response.text]
  }
  const problem = 'application/problem+json'
  const page = 'text/html; charset=utf-8'

  test('on a route that declares schemas', async () => {
    expect(await get('/declared')).toEqual([problem, '{"title":"Not Found","status":404,"detail":"no such page"}'])
    expect(await get('/broken')).toEqual([problem, '{"title":"Internal Server Error","status":500}'])
    expect((await get('/plain'))[0]).toBe(page)
    expect((await get('/nowhere'))[0]).toBe(page)
  })

  test('on all routes with the option problemDetails, also where no rule matches', async () => {
    expect(await get('/plain', { problemDetails: true })).toEqual([problem, '{"title":"Conflict","status":409}'])
    expect(await get('/nowhere', { problemDetails: true })).toEqual([problem, '{"title":"Not Found","status":404}'])
    expect((await get('/declared', { problemDetails: false }))[0]).toBe(page)
  })

  test('a status that HTTP does not name', async () => {
    class Odd {
      @Get('/', { query: Page })
      view(): never {
        throw Object.assign(new Error('odd'), { status: 499, expose: true })
      }
    }
    expect((await clientOf(Odd).get('/')).json()).toEqual({ title: 'Error', status: 499, detail: 'odd' })
  })
})

describe('set-up errors', () => {
  const mistake = (rule: string, options: object, bootstrapOptions = {}) =>
    setupError(() => {
      class App {
        @Route(rule, options as never)
        view() {
          return ''
        }
      }
      clientOf(App, bootstrapOptions)
    })

  test.each(['body', 'form', 'query', 'headers', 'cookies'])('the option %s is no schema', name => {
    expect(mistake('/', { [name]: { name: 'string' } })).toMatch(
      new RegExp(`^FLASKOA_BAD_OPTION App.view: @Route: the option ${name} must be a schema of a library`),
    )
    expect(mistake('/', { [name]: null })).toMatch(/not null\.$/)
  })

  test('both body and form', () => {
    expect(mistake('/', { body: Page, form: Page })).toBe(
      'FLASKOA_BAD_OPTION App.view: @Route declares both body and form, but a request has one body. Leave one out.',
    )
  })

  test('a value of the same name', () => {
    const message =
      'FLASKOA_BAD_OPTION App.view: @Route declares query, and its rule or defaults have a value of the same name. ' +
      'Rename that value.'
    expect(mistake('/<query>', { query: Page })).toBe(message)
    expect(mistake('/', { query: Page, defaults: { query: 1 } })).toBe(message)
    @Blueprint('/pages')
    class Pages {
      @Route('/', { query: Page } as never)
      view() {
        return ''
      }
    }
    class App {}
    for (const each of [{ prefix: '/<query>' }, { prefix: '/b', defaults: { query: 1 } }]) {
      const blueprints = [{ blueprint: Pages, ...each }]
      expect(setupError(() => clientOf(App, { blueprints }))).toBe(message.replace('App', 'Pages'))
    }
  })

  test.each([
    [{ body: -1 }, ': limits: the option body must be a whole number from 0 up, not -1.'],
    [{ body: 1.5 }, ': limits: the option body must be a whole number from 0 up, not 1.5.'],
    [{ fileSize: '1mb' }, ': limits: the option fileSize must be a whole number from 0 up, not "1mb".'],
    [
      { file: 1 },
      ": limits has no option 'file'. Did you mean 'files'? It has: body, form, fileSize, fieldSize, files, fields, memory.",
    ],
    [{ size: 10 }, ": limits has no option 'size'. It has: body, form, fileSize, fieldSize, files, fields, memory."],
    [5, ': the option limits must be an object, not 5.'],
    [null, ': the option limits must be an object, not null.'],
    [
      { fileSize: 80e6 },
      ': limits: fileSize is 80000000 bytes, but form, the limit of the whole form, is 67108864 bytes: a part of that size ' +
        'is refused. Raise form above fileSize.',
    ],
    [
      { form: 10, fieldSize: 11 },
      ': limits: fieldSize is 11 bytes, but form, the limit of the whole form, is 10 bytes: a part of that size is refused. ' +
        'Raise form above fieldSize.',
    ],
  ])('the limits %p', (limits, message) => {
    expect(mistake('/', { limits })).toBe(`FLASKOA_BAD_OPTION App.view: @Route${message}`)
    expect(mistake('/', {}, { limits })).toBe(`FLASKOA_BAD_OPTION bootstrap${message}`)
  })

  test('a limit of a part is compared with that of the form where it is given', async () => {
    const form = 80e6
    expect(mistake('/', { limits: { fileSize: form + 1 } }, { limits: { form } })).toContain(
      'is 80000000 bytes: a part',
    )
    class App {
      @Get('/', { limits: { fileSize: form } }) view() {
        return 'raised'
      }
      @Get('/small', { limits: { form: 10 } }) small() {
        return 'lowered'
      }
    }
    const client = clientOf(App, { limits: { form, fileSize: form } })
    expect((await client.get('/')).text).toBe('raised')
    expect((await client.get('/small')).text).toBe('lowered')
  })

  describe('a schema that no request can fit', () => {
    const Nested = z.object({ a: z.object({ b: z.string() }) })
    const isObject =
      "'a' is an object or a list of objects, but arrives as a text. Declare a text, a number, a boolean or a list of these, " +
      'or let the schema make an object of a text, in zod with z.preprocess.'
    const noObject = 'the values arrive as an object by their names, which the schema does not take. Declare an object.'
    const isCapital = "'X-Token' never arrives: Node gives the names of header fields in lower case. Write 'x-token'."
    const withJson = (json: object): Schema => ({
      '~standard': {
        version: 1,
        vendor: 'own',
        validate: value => ({ value }),
        jsonSchema: { input: () => ({ ...json }), output: () => ({}) },
      },
    })
    const Token = z.object({ 'x-a': z.string(), 'X-Token': z.string() })

    test.each([
      ['query', z.array(z.string()), noObject],
      ['cookies', z.string(), noObject],
      ['headers', z.union([z.string(), z.null()]), noObject],
      ['query', z.union([z.string(), z.tuple([z.int()])]), noObject],
      ['query', z.literal('a').and(z.object({})), noObject],
      ['form', v.string(), noObject],
      ['form', withJson({ enum: [null, 'a'] }), noObject],
      ['query', Nested, isObject],
      ['query', Nested.and(z.object({ c: z.string() })), isObject],
      ['query', z.object({ a: z.array(Nested) }), isObject],
      ['query', z.object({ a: z.union([Nested, z.array(Nested)]) }), isObject],
      ['query', z.object({ a: z.record(z.string(), z.string()) }), isObject],
      ['cookies', Nested.partial(), isObject],
      ['headers', v.object({ a: v.nullable(v.object({ b: v.string() })) }), isObject],
      ['headers', Token, isCapital],
      ['headers', Token.partial(), isCapital],
      ['headers', Token.transform(({ 'X-Token': token }) => token), isCapital],
      ['headers', z.lazy(() => Token.meta({ id: 'Token' })), isCapital],
      ['headers', z.union([Token, Token.extend({ n: z.int() })]), isCapital],
      ['headers', z.record(z.enum(['X-Token']), z.string()), isCapital],
      ['headers', v.object({ 'X-Token': v.string() }), isCapital],
      ['headers', Token.extend({ n: z.preprocess(Number, z.int()) }), isCapital],
    ])('%s: %#', (location, schema, message) => {
      expect(mistake('/', { [location]: schema }, { toJsonSchema })).toBe(
        `FLASKOA_BAD_OPTION App.view: @Route: the option ${location}: ${message}`,
      )
    })

    const toObject = (text: unknown) => JSON.parse(String(text)) as object
    const lowered = (fields: unknown) => ({ 'X-Token': (fields as Record<string, unknown>)['x-token'] })
    test.each([
      ['query', z.object({ a: z.preprocess(toObject, Nested) })],
      ['query', z.object({ a: z.lazy(() => z.preprocess(toObject, Nested).optional()) })],
      ['query', z.object({ a: z.array(z.preprocess(toObject, Nested)) })],
      ['query', z.preprocess(Object.keys as (value: unknown) => string[], z.array(z.string()))],
      ['headers', z.preprocess(lowered, Token)],
      ['query', Nested.extend({ a: Nested.shape.a.catch({ b: '' }) })],
      ['query', Nested.extend({ a: Nested.shape.a.default({ b: '' }) })],
      ['query', z.array(z.string()).catch([])],
      ['query', v.object({ a: v.fallback(v.object({ b: v.string() }), { b: '' }) })],
      ['query', v.fallback(v.array(v.string()), [])],
      ['query', z.object({ a: z.string().transform(toObject).pipe(Nested) })],
      ['query', z.object({ a: z.union([z.string(), Nested]) })],
      ['query', z.object({ a: z.json(), b: z.null(), c: z.any(), d: z.set(z.string()), e: z.array(z.any()) })],
      ['query', z.union([Nested, z.object({ b: z.string() })])],
      ['query', z.union([z.string(), z.object({ b: z.string() })])],
      ['query', z.coerce.string().catch('')],
      ['query', z.record(z.string(), z.string())],
      ['query', z.any()],
      ['query', withJson({ $ref: '#' })],
      ['query', withJson({ type: 'object', properties: { a: { $ref: '#/properties/a' } } })],
      ['query', withJson({ enum: [{}, 'a'], properties: { a: true } })],
      ['query', z.object({ a: z.array(Nested).optional() })],
      ['headers', z.union([Token, z.object({ 'x-token': z.string() })])],
      ['headers', z.looseObject({ 'x-token': z.string() })],
      ['query', Token],
      ['form', Nested],
      ['form', z.object({ f: z.file(), list: z.array(z.file()) })],
      ['body', z.array(Nested)],
    ])('what a client may send is taken, %s: %#', (location, schema) => {
      class App {
        @Route('/', { [location]: schema })
        view() {
          return ''
        }
      }
      expect(() => clientOf(App, { toJsonSchema })).not.toThrow()
    })
  })

  test('toJsonSchema that returns no JSON Schema', () => {
    const toNothing = () => 'none' as unknown as object
    expect(mistake('/', { query: v.object({}) }, { toJsonSchema: toNothing })).toBe(
      'FLASKOA_BAD_OPTION the option toJsonSchema must return a JSON Schema, an object, not "none".',
    )
  })
})

describe('a library without JSON Schema', () => {
  const mistake = (query: v.GenericSchema | v.GenericSchemaAsync, options = {}) => {
    try {
      return setupError(() => {
        class App {
          @Get('/', { query })
          view() {
            return ''
          }
        }
        clientOf(App, options)
      })
    } catch {
      return 'none'
    }
  }

  test.each([
    ['a number', v.object({ n: v.number() })],
    ['a number', v.object({ s: v.string(), n: v.optional(v.pipe(v.number(), v.integer(), v.minValue(500))) })],
    ['a boolean', v.object({ n: v.boolean() })],
    ['a list', v.object({ n: v.array(v.string()) })],
    ['a list', v.object({ n: v.array(v.number()) })],
  ])('%s is a set-up error without toJsonSchema', (kind, query) => {
    expect(mistake(query)).toBe(
      `FLASKOA_BAD_OPTION App.view: @Get: the option query: 'n' is ${kind}, but arrives as a text, and the schema has no ` +
        "JSON Schema that says what texts become. Import toJsonSchema from '@valibot/to-json-schema' and pass it to " +
        'bootstrap: { toJsonSchema }.',
    )
    expect(mistake(query, { toJsonSchema })).toBe('none')
  })

  test('texts need none', () => {
    expect(mistake(v.object({ s: v.string(), e: v.picklist(['a', 'b']), p: v.pipe(v.string(), v.email()) }))).toBe(
      'none',
    )
  })

  test('a schema that is asynchronous, or whose own code fails, is not asked any further', () => {
    const failing = v.pipe(
      v.string(),
      v.check(() => raise()),
    )
    const later = v.pipeAsync(
      v.string(),
      v.checkAsync(() => Promise.reject(new Error('no database'))),
    )
    const raise = () => {
      throw new Error('no database')
    }
    expect(mistake(v.object({ s: failing }))).toBe('none')
    expect(mistake(v.objectAsync({ s: later }))).toBe('none')
  })

  test('any other library is asked in the same way', () => {
    const validate = (value: unknown) => {
      const { n, then, [Symbol.iterator]: iterator } = value as Record<PropertyKey, unknown>
      const isFit = typeof n === 'number' && then === undefined && iterator === undefined && 'm' in Object(value)
      return isFit ? { value } : { issues: [{ message: 'no', path: ['n'] }] }
    }
    const schema = { '~standard': { version: 1, vendor: 'own', validate } } as const
    expect(mistake(schema as never)).toMatch(
      /'n' is a number, .* Pass a function that makes one to bootstrap, \{ toJsonSchema \}, or let the schema take a text\.$/,
    )
  })
})

test('valibot with its converter', async () => {
  class App {
    @Get('/', { query: v.object({ n: v.number(), all: v.optional(v.boolean()), tag: v.array(v.string()) }) })
    view({ query }: { query: object }) {
      return query
    }
  }
  const response = await clientOf(App, { toJsonSchema }).get('/?n=2&all=off&tag=a')
  expect(response.json()).toEqual({ n: 2, all: false, tag: ['a'] })
})

test('keys of issues may be objects or symbols', async () => {
  const issues = [{ message: 'no', path: [{ key: 'a~b' }, Symbol('s'), 0] }, { message: 'whole' }]
  const schema = { '~standard': { version: 1, vendor: 'own', validate: () => ({ issues }) } } as const
  class App {
    @Post('/', { body: schema })
    view() {
      return ''
    }
  }
  const { errors } = (await clientOf(App).post('/', { json: {} })).json<{ errors: { pointer: string }[] }>()
  expect(errors.map(({ pointer }) => pointer)).toEqual(['#/a~0b/Symbol(s)/0', '#'])
})
