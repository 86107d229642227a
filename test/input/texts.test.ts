import { toJsonSchema } from '@valibot/to-json-schema'
import { Get, Post, type Schema } from 'flaskoa'
import * as v from 'valibot'
import { z } from 'zod'
import { clientOf } from '../support/client'

/** What a view gets of a query string, or the problems. */
async function read(query: Schema, search: string): Promise<unknown> {
  class App {
    @Get('/', { query })
    view(values: { query: unknown }) {
      return { query: values.query }
    }
  }
  const response = await clientOf(App, { toJsonSchema }).get(`/?${search}`)
  return response.status === 200
    ? response.json<{ query: unknown }>().query
    : (response.json<{ errors?: { pointer: string }[] }>().errors?.map(({ pointer }) => pointer) ?? response.text)
}

/** As arktype describes `{ '[/^n_/]': 'number', '[/^[\\w-.]b/]': 'boolean' }`. */
const patterned: Schema = {
  '~standard': {
    version: 1,
    vendor: 'arktype',
    validate: value => ({ value }),
    jsonSchema: {
      input: () => ({
        type: 'object',
        patternProperties: { '^n_': { type: 'number' }, '^[\\w-.]b': { type: 'boolean' } },
      }),
      output: () => ({}),
    },
  },
}

describe('numbers', () => {
  const schema = z.object({ n: z.number() })

  test.each([
    ['2', 2],
    ['-1.5', -1.5],
    ['%2B1', 1],
    ['.5', 0.5],
    ['5.', 5],
    ['1e3', 1000],
    ['007', 7],
  ])('%s', async (text, n) => {
    expect(await read(schema, `n=${text}`)).toEqual({ n })
  })

  test.each(['x', '0x10', 'Infinity', 'NaN', '1e999', '1,5', '1%20', '%20', '--1', 'true', '1_000'])(
    '%s is none',
    async text => {
      expect(await read(schema, `n=${text}`)).toEqual(['#/n'])
    },
  )

  test('an empty text is absent', async () => {
    expect(await read(schema, 'n=')).toEqual(['#/n'])
    expect(await read(z.object({ n: z.number().default(5) }), 'n=')).toEqual({ n: 5 })
  })

  test('sent twice is a problem', async () => {
    expect(await read(schema, 'n=1&n=2')).toEqual(['#/n'])
  })

  test('of a schema that coerces itself', async () => {
    expect(await read(z.object({ n: z.coerce.number() }), 'n=2')).toEqual({ n: 2 })
  })
})

describe('booleans', () => {
  const schema = z.object({ b: z.boolean().optional() })

  test.each([
    ['true', true],
    ['1', true],
    ['on', true],
    ['false', false],
    ['0', false],
    ['off', false],
  ])('%s', async (text, b) => {
    expect(await read(schema, `b=${text}`)).toEqual({ b })
  })

  test.each(['yes', 'TRUE', '2', 'x'])('%s is none', async text => {
    expect(await read(schema, `b=${text}`)).toEqual(['#/b'])
  })

  test('an empty text is absent', async () => {
    expect(await read(schema, 'b=')).toEqual({})
  })
})

describe('texts', () => {
  const schema = z.object({ s: z.string(), e: z.enum(['1', '2']).optional() })

  test('stay texts', async () => {
    expect(await read(schema, 's=1&e=2')).toEqual({ s: '1', e: '2' })
    expect(await read(schema, 's=')).toEqual({ s: '' })
  })

  test('sent twice are a problem', async () => {
    expect(await read(schema, 's=a&s=b')).toEqual(['#/s'])
  })

  test('a date only if the schema itself takes a text', async () => {
    expect(await read(z.object({ d: z.coerce.date() }), 'd=2026-01-02')).toEqual({ d: '2026-01-02T00:00:00.000Z' })
    expect(await read(z.object({ d: z.date() }), 'd=2026-01-02')).toEqual(['#/d'])
  })
})

describe('lists', () => {
  test.each([
    ['of texts', z.array(z.string()), 't=1&t=', ['1', '']],
    ['of texts, three', z.array(z.string()), 't=a&t=b&t=c', ['a', 'b', 'c']],
    ['of texts, one', z.array(z.string()), 't=a', ['a']],
    ['of numbers', z.array(z.number()), 't=1&t=2', [1, 2]],
    ['of numbers and texts', z.array(z.union([z.number(), z.string()])), 't=1&t=x', [1, 'x']],
    ['of booleans', z.array(z.boolean()), 't=on', [true]],
    ['of anything', z.array(z.any()), 't=1', ['1']],
    ['tuples', z.tuple([z.number(), z.number()]), 't=1&t=2', [1, 2]],
    ['one or more', z.union([z.number(), z.array(z.number())]), 't=1', [1]],
  ])('%s', async (_, t, search, value) => {
    expect(await read(z.object({ t }), search)).toEqual({ t: value })
  })

  test.each([
    ['places of different kinds', z.tuple([z.string(), z.number(), z.boolean()]), 't=1&t=2&t=on', ['1', 2, true]],
    ['the rest of a tuple', z.tuple([z.number()], z.boolean()), 't=1&t=1&t=0', [1, true, false]],
    ['an empty text in its place', z.tuple([z.string(), z.number()]), 't=&t=2', ['', 2]],
    ['a union of tuples', z.union([z.tuple([z.number()]), z.tuple([z.boolean(), z.number()])]), 't=on&t=1', [true, 1]],
  ])('%s', async (_, t, search, value) => {
    expect(await read(z.object({ t }), search)).toEqual({ t: value })
  })

  test('an empty text of a number or boolean is absent', async () => {
    const schema = z.object({ n: z.array(z.number()).default([5]), b: z.array(z.boolean()).optional() })
    expect(await read(schema, 'n=&n=1&n=&b=&b=on')).toEqual({ n: [1], b: [true] })
    expect(await read(schema, 'n=&b=')).toEqual({ n: [5] })
    expect(await read(z.object({ t: z.tuple([z.number(), z.number()]) }), 't=&t=1')).toEqual(['#/t/0'])
  })

  test('with a wrong item', async () => {
    expect(await read(z.object({ t: z.array(z.number()) }), 't=1&t=x')).toEqual(['#/t/1'])
  })
})

describe('unions: number, boolean, then text', () => {
  const u = z.object({ u: z.union([z.string(), z.boolean(), z.number()]) })

  test.each([
    ['1', 1],
    ['on', true],
    ['x', 'x'],
    ['', ''],
  ])('%p', async (text, value) => {
    expect(await read(u, `u=${text}`)).toEqual({ u: value })
  })

  test('of literals', async () => {
    const schema = z.object({ u: z.union([z.literal(1), z.literal('auto'), z.literal(true)]) })
    expect(await read(schema, 'u=1')).toEqual({ u: 1 })
    expect(await read(schema, 'u=auto')).toEqual({ u: 'auto' })
    expect(await read(schema, 'u=on')).toEqual({ u: true })
    expect(await read(z.object({ u: z.nullable(z.number()) }), 'u=2')).toEqual({ u: 2 })
  })
})

describe('where the JSON Schema says it', () => {
  test.each<[string, Schema, string, unknown]>([
    ['a record', z.record(z.string(), z.number()), 'a=1&b=2', { a: 1, b: 2 }],
    ['a record of lists', z.record(z.string(), z.array(z.boolean())), 'a=1&b=0&b=1', { a: [true], b: [false, true] }],
    ['a record of known names', z.partialRecord(z.enum(['a', 'b']), z.number()), 'a=1', { a: 1 }],
    ['what an object has besides', z.object({ a: z.string() }).catchall(z.number()), 'a=1&b=2', { a: '1', b: 2 }],
    ['an open object', z.looseObject({ a: z.number() }), 'a=1&b=2', { a: 1, b: '2' }],
    ['a record of valibot', v.record(v.string(), v.number()), 'a=1', { a: 1 }],
    ['the rest of valibot', v.objectWithRest({ a: v.string() }, v.boolean()), 'a=1&b=1', { a: '1', b: true }],
    ['names of a pattern', patterned, 'n_a=1&.b=1&c=1', { n_a: 1, '.b': true, c: '1' }],
  ])('for %s', async (_, schema, search, value) => {
    expect(await read(schema, search)).toEqual(value)
  })

  test('an empty text in a record of numbers is absent', async () => {
    expect(await read(z.record(z.string(), z.number()), 'a=&b=1')).toEqual({ b: 1 })
    expect(await read(z.record(z.string(), z.number()), 'a=x')).toEqual(['#/a'])
  })

  test('in the parts of a union or intersection of objects', async () => {
    const union = z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('a'), n: z.number() }),
      z.object({ kind: z.literal('b'), n: z.boolean() }),
    ])
    expect(await read(union, 'kind=a&n=1')).toEqual({ kind: 'a', n: 1 })
    expect(await read(union, 'kind=b&n=on')).toEqual({ kind: 'b', n: true })
    expect(await read(z.intersection(z.object({ a: z.number() }), z.object({ b: z.boolean() })), 'a=1&b=on')).toEqual({
      a: 1,
      b: true,
    })
  })

  test('behind references, also circular ones', async () => {
    const size = z.number().meta({ id: 'Size' })
    expect(await read(z.object({ a: size, b: size }), 'a=1&b=2')).toEqual({ a: 1, b: 2 })
    const property = { $ref: '#/$defs/a~1b' }
    const json = {
      $ref: '#',
      properties: { n: property },
      $defs: { 'a/b': { anyOf: [{ type: 'integer' }, property] } },
    }
    expect(await read(withJson(json), 'n=1')).toEqual({ n: 1 })
    expect(await read(withJson({ properties: { n: { $ref: '#/nowhere/x' } } }), 'n=1')).toEqual({ n: '1' })
  })

  test('as type, const or enum', async () => {
    const properties = { a: { const: 1 }, b: { enum: [true] }, c: { type: ['number', 'null'] }, d: true }
    expect(await read(withJson({ properties }), 'a=1&b=1&c=1&d=1')).toEqual({ a: 1, b: true, c: 1, d: '1' })
  })

  test('or not at all: a schema that JSON Schema cannot express is not coerced', async () => {
    const failing = withJson({}, () => {
      throw new Error('not expressible')
    })
    expect(await read(failing, 'n=1')).toEqual({ n: '1' })
  })

  test('by the converter of the application', async () => {
    expect(await read(v.object({ n: v.number(), d: v.optional(v.date()) }), 'n=1')).toEqual({ n: 1 })
  })

  /** A schema that takes anything. */
  function withJson(json: object, make: () => object = () => json): Schema {
    const validate = (value: unknown) => ({ value })
    const jsonSchema = { input: make, output: make }
    return { '~standard': { version: 1, vendor: 'own', validate, jsonSchema } } as Schema
  }
})

test('the name __proto__ is a 400', async () => {
  expect(await read(z.object({}), '__proto__=1')).toBe(
    '{"title":"Bad Request","status":400,"detail":"the name __proto__ is not allowed"}',
  )
})

test('names that every object inherits are ordinary names', async () => {
  expect(await read(z.looseObject({ toString: z.string() }), 'toString=a&constructor=b')).toEqual({
    toString: 'a',
    constructor: 'b',
  })
  expect(await read(z.object({ toString: z.number().optional() }), '')).toEqual({})
})

test('header fields that are lists are separated by commas', async () => {
  class App {
    @Get('/', {
      headers: z.object({ 'x-many': z.array(z.string()).optional(), 'x-numbers': z.array(z.number()).optional() }),
    })
    view({ headers }: { headers: object }) {
      return headers
    }
  }
  const client = clientOf(App)
  const read = async (headers: Record<string, string>) => (await client.get('/', { headers })).json()
  expect(await read({ 'X-Many': 'a,b , "c"', 'X-Numbers': '1, 2' })).toEqual({
    'x-many': ['a', 'b', '"c"'],
    'x-numbers': [1, 2],
  })
  expect(await read({ 'X-Many': ' ,a,, b' })).toEqual({ 'x-many': ['a', 'b'] })
  expect(await read({})).toEqual({})
})

test('header fields are read by their names in lower case, and coerced', async () => {
  class App {
    @Get('/', { headers: z.object({ 'x-count': z.number(), 'x-many': z.array(z.string()) }) })
    view({ headers }: { headers: object }) {
      return headers
    }
  }
  const response = await clientOf(App).get('/', { headers: { 'X-Count': '3', 'X-Many': 'a' } })
  expect(response.json()).toEqual({ 'x-count': 3, 'x-many': ['a'] })
})

test('a urlencoded form is coerced', async () => {
  class App {
    @Post('/', { form: z.object({ n: z.number(), ok: z.boolean().default(false), s: z.string().default('') }) })
    view({ form }: { form: object }) {
      return form
    }
  }
  const client = clientOf(App)
  expect((await client.post('/', { form: { n: '1', ok: 'on', s: '2' } })).json()).toEqual({ n: 1, ok: true, s: '2' })
  expect((await client.post('/', { form: { n: '1', ok: '' } })).json()).toEqual({ n: 1, ok: false, s: '' })
  expect((await client.post('/')).status).toBe(422)
})

test.each([
  ['a=1; b=2', { a: '1', b: '2' }],
  ['a="x y"; b=%C3%A9', { a: 'x y', b: 'é' }],
  ['a=%zz', { a: '%zz' }],
  ['a=first; a=second', { a: 'first' }],
  ['flag; =x; __proto__=1; a=b=c', { a: 'b=c' }],
  [undefined, {}],
])('the cookies of %p', async (header, cookies) => {
  class App {
    @Get('/', { cookies: z.record(z.string(), z.string()) })
    view(values: { cookies: object }) {
      return values.cookies
    }
  }
  const headers: Record<string, string> = header === undefined ? {} : { Cookie: header }
  expect((await clientOf(App).get('/', { headers })).json()).toEqual(cookies)
})
