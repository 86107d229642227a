/* eslint-disable @typescript-eslint/no-unsafe-member-access -- documents are JSON, which the tests look into */
import { toJsonSchema } from '@valibot/to-json-schema'
import { Post, bootstrap, type Schema } from 'flaskoa'
import { openapi } from 'flaskoa/openapi'
import * as v from 'valibot'
import { z } from 'zod'
import { declared, info } from './documented'

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })

/** The components of an application with these routes, and the schema of each body and response by the number of its route. */
function componentsOf(routes: readonly Parameters<typeof declared>[0][], schemas?: Record<string, unknown>) {
  class App {}
  routes.forEach((options, index) => {
    const name = `route${index}`
    Object.defineProperty(App.prototype, name, { value: () => '', configurable: true })
    const decorator = Post(`/${index}`, declared(options)) as (...args: unknown[]) => void
    decorator(App.prototype, name, Object.getOwnPropertyDescriptor(App.prototype, name))
  })
  const document = openapi(bootstrap(App, { toJsonSchema }), { info, ...(schemas !== undefined && { schemas }) })
  const { Problem: _, ...components } = document.components.schemas ?? {}
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into it
  const used = routes.map((__, index): any => document.paths[`/${index}`]?.post)
  const bodies = used.map(each => each.requestBody?.content['application/json'].schema)
  const responses = used.map(each => each.responses[200]?.content?.['application/json'].schema)
  return { components, bodies, responses }
}

describe('names', () => {
  test("a name of zod's, a title and an $id are names of components, wherever they are", () => {
    const Address = z.object({ street: z.string() }).meta({ id: 'Address' })
    const Titled = v.pipe(v.object({ a: v.string() }), v.title('My titled'))
    const WithId: Schema = {
      '~standard': {
        version: 1,
        vendor: 'own',
        validate: value => ({ value }),
        jsonSchema: {
          input: () => ({
            $id: 'https://example.com/schemas/thing.json',
            type: 'object',
            properties: { title: { type: 'string' } },
          }),
          output: () => ({}),
        },
      },
    }
    const { components, bodies } = componentsOf([
      { body: z.object({ home: Address, work: Address.describe('Where they work.') }) },
      { body: v.object({ inner: Titled, label: v.pipe(v.string(), v.title('Label')) }) },
      { body: WithId },
      { body: z.array(Address) },
    ])
    expect(Object.keys(components)).toEqual(['Address', 'MyTitled', 'thing'])
    expect(bodies[0].properties.home).toEqual(ref('Address'))
    expect(bodies[1].properties).toEqual({ inner: ref('MyTitled'), label: { type: 'string', title: 'Label' } })
    expect(bodies[2]).toEqual(ref('thing'))
    expect(bodies[3]).toEqual({ type: 'array', items: ref('Address') })
    expect(components.thing).toEqual({ type: 'object', properties: { title: { type: 'string' } } })
  })

  test('a schema that two routes use is one component, and an equal part of another schema is it as well', () => {
    const User = z.object({ id: z.int(), name: z.string() })
    const { components, bodies, responses } = componentsOf([
      { body: User },
      { response: User },
      { response: z.array(User) },
      { body: z.array(z.string()) },
      { body: z.array(z.string()) },
    ])
    expect(Object.keys(components)).toEqual(['Route0Body'])
    expect(bodies[0]).toEqual(ref('Route0Body'))
    expect(responses.slice(1, 3)).toEqual([ref('Route0Body'), { type: 'array', items: ref('Route0Body') }])
    expect(bodies[3]).toEqual({ type: 'array', items: { type: 'string' } })
  })

  test('a schema that is used once and has no name is written where it is used', () => {
    const { components, bodies } = componentsOf([{ body: z.object({ a: z.object({ b: z.string() }) }) }])
    expect(components).toEqual({})
    expect(bodies[0]).toMatchObject({ properties: { a: { properties: { b: { type: 'string' } } } } })
  })

  test('the option schemas gives names', () => {
    const User = z.object({ id: z.int() })
    const Job = v.object({ command: v.string() })
    const { components, responses } = componentsOf([{ response: z.array(User) }, { response: User }, { body: Job }], {
      User,
      Job,
      helper: () => undefined,
    })
    expect(Object.keys(components)).toEqual(['Job', 'User'])
    expect(responses.slice(0, 2)).toEqual([{ type: 'array', items: ref('User') }, ref('User')])
  })

  test('input and output of a schema are apart if they differ', () => {
    const Event = z.object({ at: z.iso.datetime().transform(text => new Date(text)) }).meta({ id: 'Event' })
    const Same = z.object({ a: z.string() }).meta({ id: 'Same' })
    const { components, bodies, responses } = componentsOf([
      { body: Event },
      { response: Event },
      { body: Same, response: Same },
    ])
    expect(Object.keys(components)).toEqual(['Event', 'EventInput', 'Same'])
    expect([bodies[0], responses[1]]).toEqual([ref('EventInput'), ref('Event')])
    expect([bodies[2], responses[2]]).toEqual([ref('Same'), ref('Same')])
    expect(componentsOf([{ body: Event }]).bodies[0]).toEqual(ref('Event'))
  })

  test('two schemas of one name, and one schema of two names', () => {
    const first = z.object({ a: z.string() }).meta({ title: 'Twice' })
    const second = z.object({ b: z.string() }).meta({ title: 'Twice' })
    const third = z.object({ c: z.string() }).meta({ title: 'Twice' })
    const { components } = componentsOf([{ response: first }, { response: second }, { response: third }])
    expect(Object.keys(components)).toEqual(['Twice', 'Twice2', 'Twice3'])
    const A = z.object({ x: z.string() }).meta({ id: 'A' })
    const B = z.object({ x: z.string() }).meta({ id: 'B' })
    expect(Object.keys(componentsOf([{ body: A }, { body: B }]).components)).toEqual(['A', 'B'])
  })

  test("a component Problem of the user's own is beside that of flaskoa", () => {
    const Problem = z.object({ code: z.int() }).meta({ id: 'Problem' })
    class App {}
    Object.defineProperty(App.prototype, 'view', { value: () => '', configurable: true })
    const decorator = Post('/', declared({ body: z.object({ a: z.string() }), response: { 409: Problem } })) as (
      ...args: unknown[]
    ) => void
    decorator(App.prototype, 'view', Object.getOwnPropertyDescriptor(App.prototype, 'view'))
    const { components, paths } = openapi(bootstrap(App), { info })
    expect(Object.keys(components.schemas ?? {})).toEqual(['Problem', 'ProblemDetails'])
    expect(paths['/']?.post).toMatchObject({
      responses: {
        409: { content: { 'application/json': { schema: ref('Problem') } } },
        422: { content: { 'application/problem+json': { schema: ref('ProblemDetails') } } },
      },
    })
  })

  test('a title without a letter of a name is no name', () => {
    expect(componentsOf([{ body: z.object({ a: z.string() }).meta({ title: '用户' }) }]).components).toEqual({})
  })
})

describe('recursion', () => {
  test('with a name and without one, with zod and valibot', () => {
    const Named = z
      .object({
        value: z.string(),
        get children() {
          return z.array(Named)
        },
      })
      .meta({ id: 'Named' }) as z.ZodType
    const Anonymous = z.object({
      anonymous: z.string(),
      get children() {
        return z.array(Anonymous)
      },
    }) as z.ZodType
    interface Folder {
      folder: string
      folders: Folder[]
    }
    const Folder: v.GenericSchema<Folder> = v.object({ folder: v.string(), folders: v.array(v.lazy(() => Folder)) })
    const { components, bodies } = componentsOf([
      { body: Named },
      { body: Anonymous },
      { body: Folder },
      { body: z.object({ outer: Anonymous }) },
    ])
    expect(bodies).toEqual([
      ref('Named'),
      ref('Route1Body'),
      ref('Route2Body'),
      { type: 'object', properties: { outer: ref('Route1Body') }, required: ['outer'] },
    ])
    expect(components.Named).toMatchObject({ properties: { children: { type: 'array', items: ref('Named') } } })
    expect(components.Route1Body).toMatchObject({ properties: { children: { items: ref('Route1Body') } } })
    expect(components.Route2Body).toMatchObject({ properties: { folders: { items: ref('Route2Body') } } })
  })

  test('inside of another schema, without a name', () => {
    const Inner = z.object({
      get children() {
        return z.array(Inner)
      },
    }) as z.ZodType
    const { components, bodies } = componentsOf([{ body: z.object({ inner: Inner, again: z.array(Inner) }) }])
    expect(Object.keys(components)).toEqual(['Route0Body'])
    expect(bodies[0].properties).toEqual({
      inner: ref('Route0Body'),
      again: { type: 'array', items: ref('Route0Body') },
    })
  })

  test('of several schemas by each other', () => {
    const Person = z
      .object({
        get home() {
          return House.optional()
        },
      })
      .meta({ id: 'Person' }) as z.ZodType
    const House = z.object({
      get owner() {
        return Person.optional()
      },
    }) as z.ZodType
    const { components } = componentsOf([{ body: Person }, { response: z.object({ house: House }) }])
    expect(components.Person).toMatchObject({ properties: { home: { properties: { owner: ref('Person') } } } })
  })

  test('a union of values of any depth', () => {
    const Json: z.ZodType = z.lazy(() => z.union([z.string(), z.array(Json)]))
    const { components, bodies } = componentsOf([{ body: Json }])
    expect(bodies[0]).toEqual(ref('Route0Body'))
    expect(components.Route0Body).toEqual({ anyOf: [{ type: 'string' }, { type: 'array', items: ref('Route0Body') }] })
  })
})

describe('JSON Schemas of other libraries', () => {
  const own = (json: object): Schema => ({
    '~standard': {
      version: 1,
      vendor: 'own',
      validate: value => ({ value }),
      jsonSchema: { input: () => json as never, output: () => json as never },
    },
  })

  test('all keywords with schemas in them are read, and values that look like schemas are left alone', () => {
    const User = { $ref: '#/$defs/User' }
    const json = {
      type: 'object',
      properties: {
        $ref: { type: 'string' },
        const: { const: { $ref: 'x' } },
        list: { prefixItems: [User], items: false },
      },
      patternProperties: { '^x': User },
      additionalProperties: User,
      not: { required: ['a'] },
      default: { $ref: 'y', title: 'T' },
      $defs: { User: { type: 'object', properties: { a: { type: 'string' } } } },
    }
    const { bodies } = componentsOf([{ body: own(json) }])
    expect(bodies[0]).toEqual({
      type: 'object',
      properties: {
        $ref: { type: 'string' },
        const: { const: { $ref: 'x' } },
        list: { prefixItems: [ref('User')], items: false },
      },
      patternProperties: { '^x': ref('User') },
      additionalProperties: ref('User'),
      not: { required: ['a'] },
      default: { $ref: 'y', title: 'T' },
    })
  })

  test('a reference with other keywords, to any part of the schema', () => {
    const json = {
      type: 'object',
      properties: {
        first: { type: 'object', properties: { a: { type: 'string' } }, description: 'First.' },
        second: { $ref: '#/properties/first', default: {} },
        third: { $ref: '#/properties/first', description: 'Third.' },
      },
    }
    const first = { type: 'object', properties: { a: { type: 'string' } }, description: 'First.' }
    expect(componentsOf([{ body: own(json) }]).bodies[0].properties).toEqual({
      first,
      second: { ...first, default: {} },
      third: { allOf: [first], description: 'Third.' },
    })
  })

  test('a name with characters that a component can not have', () => {
    const json = { $ref: '#/$defs/a~1b%20c', $defs: { 'a/b c': { type: 'object', properties: {} } } }
    expect(componentsOf([{ body: own(json) }]).bodies[0]).toEqual(ref('ABC'))
    const referring = { $ref: '#/$defs/a', description: 'An A.', $defs: { a: { type: 'string' } } }
    expect(componentsOf([{ body: own(referring) }]).bodies[0]).toEqual({ allOf: [ref('a')], description: 'An A.' })
    const percent = z.object({ a: z.string() }).meta({ id: '100% sure' })
    expect(componentsOf([{ body: percent }]).bodies[0]).toEqual(ref('100Sure'))
  })

  test('a reference that leads nowhere is open, with the reason', () => {
    const nowhere = { description: "JSON Schema can't express it: it refers to https://example.com/x." }
    expect(componentsOf([{ body: own({ $ref: 'https://example.com/x' }) }]).bodies[0]).toEqual(nowhere)
    const inner = { type: 'object', properties: { a: { $ref: '#/$defs/missing' } } }
    expect(componentsOf([{ body: own(inner) }]).bodies[0].properties.a).toEqual({
      description: "JSON Schema can't express it: it refers to #/$defs/missing.",
    })
    const deep = {
      type: 'object',
      properties: { a: { $ref: '#/$defs' }, b: { $ref: '#/$defs/x/y' } },
      $defs: { x: { y: {} } },
    }
    expect(componentsOf([{ body: own(deep) }]).bodies[0].properties).toEqual({ a: { x: { y: {} } }, b: {} })
  })

  test("arktype's own names of definitions are no names", () => {
    const json = {
      $ref: '#/$defs/intersection12',
      $defs: { intersection12: { type: 'object', properties: { next: { $ref: '#/$defs/intersection12' } } } },
    }
    const schema = own(json)
    const arktype: Schema = { '~standard': { ...schema['~standard'], vendor: 'arktype' } }
    expect(componentsOf([{ body: arktype }]).bodies[0]).toEqual(ref('Route0Body'))
  })
})
