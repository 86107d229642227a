/* eslint-disable @typescript-eslint/no-unsafe-member-access -- documents are JSON, which the tests look into */
import { toJsonSchema } from '@valibot/to-json-schema'
import { Get, type Schema } from 'flaskoa'
import * as v from 'valibot'
import { z } from 'zod'
import { setupError } from '../support/setup-error'
import { declared, documentOf, operation } from './documented'

/** The parameters of a route with these options. */
function parametersOf(options: Parameters<typeof declared>[0], toJson?: typeof toJsonSchema) {
  class App {
    @Get('/', declared(options))
    index(): never {
      throw new Error('not called')
    }
  }
  return operation(documentOf(App, { toJsonSchema: toJson }), 'get', '/').parameters
}

describe('variables of a rule', () => {
  test.each<[string, object, object?]>([
    ['<name>', { type: 'string' }],
    ['<string(2, 5):name>', { type: 'string', minLength: 2, maxLength: 5 }],
    ['<string(length=3):name>', { type: 'string', minLength: 3, maxLength: 3 }],
    ['<int:name>', { type: 'integer', minimum: 0 }],
    ['<int(min=1, max=9):name>', { type: 'integer', minimum: 1, maximum: 9 }],
    ['<int(min=-5):name>', { type: 'integer', minimum: 0 }],
    ['<int(signed=True):name>', { type: 'integer' }],
    ['<int(signed=True, min=-5):name>', { type: 'integer', minimum: -5 }],
    ['<int(3):name>', { type: 'string', pattern: '^\\d+$', minLength: 3, maxLength: 3 }],
    ['<float(max=1):name>', { type: 'number', minimum: 0, maximum: 1 }, { description: 'With a decimal point: 1.0' }],
    ['<uuid:name>', { type: 'string', format: 'uuid' }],
    ["<any(about,'help me'):name>", { type: 'string', enum: ['about', 'help me'] }],
    ['<path:name>', { type: 'string' }, { description: 'May contain slashes.' }],
    ['<hex:name>', { type: 'string', pattern: '^(?:[0-9a-f]+)$' }],
    ['<date:name>', { type: 'string', format: 'date' }],
    ['<free:name>', { type: 'string' }],
  ])('%s', (variable, schema, more = {}) => {
    class App {
      @Get(`/x/${variable}`)
      show() {
        return ''
      }
    }
    const converters = { hex: { regex: '[0-9a-f]+' }, date: { schema: { type: 'string', format: 'date' } }, free: {} }
    const { parameters } = operation(documentOf(App, { converters }), 'get', '/x/{name}')
    expect(parameters).toEqual([{ name: 'name', in: 'path', required: true, ...more, schema }])
  })

  test('several in one segment, and text that a URL must encode', () => {
    class App {
      @Get('/bücher/v<int:major>.<int:minor>{x}')
      show() {
        return ''
      }
    }
    expect(Object.keys(documentOf(App).paths)).toEqual(['/b%C3%BCcher/v{major}.{minor}%7Bx%7D'])
  })

  test('a schema of a converter that is none is refused', () => {
    class App {
      @Get('/<hex:colour>')
      show() {
        return ''
      }
    }
    const converters = { hex: { schema: 'text' as never } }
    expect(setupError(() => documentOf(App, { converters }))).toContain('schema is not a JSON Schema, an object')
  })
})

describe('query, header fields and cookies', () => {
  test('each property of the schema is a parameter', () => {
    const query = z.object({
      page: z.int().min(1).default(1).describe('Which page.'),
      q: z.string(),
      tag: z.array(z.string()).optional(),
      old: z.string().optional().meta({ deprecated: true }),
      either: z.union([z.number(), z.array(z.number())]).optional(),
    })
    expect(
      parametersOf({
        query,
        headers: z.object({ 'x-tenant': z.string() }),
        cookies: z.object({ theme: z.enum(['dark']) }),
      }),
    ).toEqual([
      { name: 'page', in: 'query', description: 'Which page.', schema: { type: 'integer', default: 1, minimum: 1 } },
      { name: 'q', in: 'query', required: true, schema: { type: 'string' } },
      {
        name: 'tag',
        in: 'query',
        style: 'form',
        explode: true,
        schema: { type: 'array', items: { type: 'string' } },
      },
      { name: 'old', in: 'query', deprecated: true, schema: { type: 'string' } },
      {
        name: 'either',
        in: 'query',
        style: 'form',
        explode: true,
        schema: { anyOf: [{ type: 'number' }, { type: 'array', items: { type: 'number' } }] },
      },
      { name: 'x-tenant', in: 'header', required: true, schema: { type: 'string' } },
      { name: 'theme', in: 'cookie', required: true, schema: { type: 'string', enum: ['dark'] } },
    ])
  })

  test('those of unions, intersections and references', () => {
    const base = z.object({ page: z.int(), kind: z.string() }).meta({ id: 'Base' })
    const query = z.intersection(
      base,
      z.union([
        z.object({ kind: z.literal('a'), both: z.string(), first: z.string() }),
        z.object({ kind: z.literal('b'), both: z.string() }),
        z.object({ kind: z.literal('b'), both: z.string() }),
      ]),
    )
    const found = parametersOf({ query })
    expect(found).toMatchObject([
      { name: 'page', required: true },
      { name: 'kind', required: true },
      { name: 'both', required: true },
      { name: 'first' },
    ])
    expect(found[3]).not.toHaveProperty('required')
    expect(found[1].schema).toEqual({
      anyOf: [{ type: 'string' }, { type: 'string', const: 'a' }, { type: 'string', const: 'b' }],
    })
  })

  test('with valibot', () => {
    const query = v.object({
      limit: v.optional(v.pipe(v.number(), v.integer())),
      q: v.pipe(v.string(), v.description('What.')),
    })
    expect(parametersOf({ query }, toJsonSchema)).toEqual([
      { name: 'limit', in: 'query', schema: { type: 'integer' } },
      { name: 'q', in: 'query', required: true, description: 'What.', schema: { type: 'string' } },
    ])
  })

  test('a query without names is one parameter, header fields without names none', () => {
    const texts = v.record(v.string(), v.string())
    const anything = { name: 'query', in: 'query', style: 'form', explode: true }
    expect(parametersOf({ query: texts, headers: texts })).toEqual([
      {
        ...anything,
        schema: {
          type: 'object',
          additionalProperties: true,
          description: "JSON Schema can't express it: the schema of valibot has no JSON Schema.",
        },
      },
    ])
    expect(parametersOf({ query: z.record(z.string(), z.string()) })).toMatchObject([
      { ...anything, schema: { type: 'object', additionalProperties: { type: 'string' } } },
    ])
  })

  test('JSON Schemas that say little of a property, or refer to nothing', () => {
    const schema = (json: object): Schema => ({
      '~standard': {
        version: 1,
        vendor: 'own',
        validate: value => ({ value }),
        jsonSchema: { input: () => json as never, output: () => json as never },
      },
    })
    const query = schema({
      allOf: [{ $ref: '#/$defs/missing' }, { properties: { a: true, b: {} } }],
      properties: { b: {} },
    })
    expect(parametersOf({ query })).toEqual([
      { name: 'b', in: 'query', schema: {} },
      { name: 'a', in: 'query', schema: {} },
    ])
  })

  test('a schema that contains itself ends', () => {
    const query: z.ZodType = z.lazy(() => z.union([z.object({ a: z.string() }), query]))
    expect(parametersOf({ query })).toEqual([{ name: 'a', in: 'query', schema: { type: 'string' } }])
  })
})
