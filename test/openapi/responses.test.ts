/* eslint-disable @typescript-eslint/no-unsafe-member-access -- documents are JSON, which the tests look into */
import { Blueprint, ErrorHandler, Get, Post, ValidationError } from 'flaskoa'
import { z } from 'zod'
import { declared, documentOf, Guard, operation } from './documented'

const PROBLEM = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
const Thing = z.object({ id: z.int() }).meta({ id: 'Thing' })
const thing = { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } }
const ignored = (): never => {
  throw new Error('not called')
}

/** The responses of a route with these options. */
function responsesOf(options: Parameters<typeof declared>[0], bootstrapOptions = {}) {
  class App {
    @Post('/', declared(options))
    index(): never {
      return ignored()
    }
  }
  return operation(documentOf(App, bootstrapOptions), 'post', '/').responses
}

describe('what a route declares', () => {
  test('schemas, texts and null by status', () => {
    expect(responsesOf({ response: { 201: Thing, 204: null, 404: 'There is none.', 299: null } })).toEqual({
      201: { description: 'Created', content: thing },
      204: { description: 'No Content' },
      299: { description: 'Response' },
      404: { description: 'There is none.', content: PROBLEM },
    })
  })

  test('an error that is only described is thrown: problem details, unless a handler answers it', () => {
    expect(responsesOf({ response: { 404: 'There is none.' } }, { problemDetails: false })[404]).toEqual({
      description: 'There is none.',
      content: { 'text/html': { schema: { type: 'string' } } },
    })
    class App {
      @Get('/', declared({ response: { 404: 'There is none.', 302: 'Elsewhere' } }))
      index(): never {
        return ignored()
      }
      @ErrorHandler(404)
      missing() {
        return 'another text'
      }
    }
    const { responses } = operation(documentOf(App), 'get', '/')
    expect(responses[404]).toEqual({ description: 'There is none.' })
    expect(responses[302]).toEqual({ description: 'Elsewhere' })
  })

  test('one schema is for 200, and a route that declares no success has a 200', () => {
    expect(responsesOf({ response: Thing })).toEqual({ 200: { description: 'OK', content: thing } })
    expect(responsesOf({ response: { 404: null } })).toEqual({
      200: { description: 'OK' },
      404: { description: 'Not Found' },
    })
    expect(responsesOf({ response: { 302: null } })).toEqual({ 302: { description: 'Found' } })
    expect(responsesOf({})).toEqual({ default: { description: 'What the view answers; it is not declared.' } })
  })

  test('the output side: what the client gets, with dates as texts and open objects', () => {
    const response = z.object({
      at: z.date(),
      role: z.string().default('user'),
      length: z
        .string()
        .transform(text => text.length)
        .pipe(z.int()),
    })
    expect(responsesOf({ response })[200].content['application/json'].schema).toEqual({
      type: 'object',
      properties: {
        at: { type: 'string', format: 'date-time' },
        role: { type: 'string', default: 'user' },
        length: { type: 'integer' },
      },
      required: ['at', 'role', 'length'],
    })
  })

  test('a text is HTML', () => {
    expect(responsesOf({ response: z.string() })[200].content).toEqual({ 'text/html': { schema: { type: 'string' } } })
  })
})

describe('what can happen by itself', () => {
  const statusesOf = (options: Parameters<typeof declared>[0]) =>
    Object.keys(responsesOf({ response: Thing, ...options }))

  test('by the input that is declared', () => {
    const schema = z.object({ a: z.string().optional() })
    expect(statusesOf({ body: schema })).toEqual(['200', '400', '413', '415', '422'])
    expect(statusesOf({ form: schema })).toEqual(['200', '400', '413', '415', '422'])
    expect(statusesOf({ query: schema })).toEqual(['200', '400', '422'])
    expect(statusesOf({ headers: schema })).toEqual(['200', '422'])
    expect(statusesOf({ cookies: schema })).toEqual(['200', '422'])
  })

  test('as problem details, with one component for all', () => {
    class App {
      @Post('/', declared({ body: Thing }))
      index(): never {
        return ignored()
      }
    }
    const document = documentOf(App)
    const { responses } = operation(document, 'post', '/')
    for (const status of [400, 413, 415, 422]) expect(responses[status].content).toEqual(PROBLEM)
    expect(document.components.schemas?.Problem).toMatchObject({
      properties: { errors: { items: { required: ['in', 'pointer', 'detail'] } } },
      required: ['title', 'status'],
      additionalProperties: true, // members of its own, as RFC 9457 allows
    })
  })

  test('as pages, if the application has no problem details', () => {
    const responses = responsesOf({ body: Thing }, { problemDetails: false })
    expect(responses[422].content).toEqual({ 'text/html': { schema: { type: 'string' } } })
  })

  test('what the route declares itself counts', () => {
    expect(responsesOf({ body: Thing, response: { 200: Thing, 422: 'Wrong.' } })[422]).toEqual({
      description: 'Wrong.',
      content: PROBLEM,
    })
  })

  test('beside a schema for what the view returns', () => {
    const own = { 200: Thing, 409: Thing, 413: null, 422: Thing }
    const responses = responsesOf({ body: Thing, response: own })
    expect(Object.keys(responses[422].content)).toEqual(['application/json', 'application/problem+json'])
    expect(responses[422].content).toEqual({ ...responses[409].content, ...PROBLEM })
    expect(Object.keys(responses[409].content)).toEqual(['application/json'])
    expect(responses[413]).toEqual({ description: 'Payload Too Large' })
  })

  test('but not beside a schema for what an error handler of the application answers', () => {
    class App {
      @Post('/', declared({ body: Thing, response: { 200: Thing, 422: Thing } }))
      index(): never {
        return ignored()
      }

      @ErrorHandler(422)
      invalid() {
        return 'wrong'
      }
    }
    const { responses } = operation(documentOf(App), 'post', '/')
    expect(Object.keys(responses[422].content)).toEqual(['application/json'])
  })

  test('an error that the application handles may be answered in any way', () => {
    class App {
      @Post('/', declared({ body: Thing }))
      index(): never {
        return ignored()
      }

      @ErrorHandler(ValidationError)
      invalid() {
        return 'wrong'
      }

      @ErrorHandler(413)
      large() {
        return 'large'
      }
    }
    const { responses } = operation(documentOf(App), 'post', '/')
    expect(responses[422]).toEqual({ description: 'The input does not fit.' })
    expect(responses[413]).toEqual({ description: 'The body is too large.' })
    expect(responses[415].content).toEqual(PROBLEM)
  })
})

describe('what before methods answer', () => {
  const Other = z.object({ other: z.string() }).meta({ id: 'Other' })
  const Third = z.object({ third: z.string() }).meta({ id: 'Third' })

  @Blueprint('/inner', { name: 'inner' })
  class Inner {
    @Guard({ response: { 401: Other, 403: 'Not yours.' } })
    second() {}

    @Guard({ response: { 401: Third } })
    third() {}

    @Guard({ security: {} })
    silent() {}

    @Get('/', declared({ response: { 200: null, 403: Thing } }))
    index(): never {
      return ignored()
    }
  }

  class App {
    @Guard({ response: { 401: Thing } })
    first() {}

    @Get('/')
    index() {
      return ''
    }
  }

  test('is among the responses of each route that they run for, outermost first', () => {
    const document = documentOf(App, { blueprints: [Inner] })
    expect(operation(document, 'get', '/').responses[401]).toEqual({ description: 'Unauthorized', content: thing })
    const { responses } = operation(document, 'get', '/inner/')
    expect(responses[401].content['application/json'].schema).toEqual({
      anyOf: ['Thing', 'Other', 'Third'].map(name => ({ $ref: `#/components/schemas/${name}` })),
    })
    expect(responses[403]).toEqual({ description: 'Not yours.', content: thing })
  })
})
