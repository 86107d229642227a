/* eslint-disable @typescript-eslint/no-unsafe-member-access -- documents are JSON, which the tests look into */
import Koa from 'koa'
import { Blueprint, Delete, Get, Post, Route, bootstrap, lifecycle } from 'flaskoa'
import { openapi, type OpenApiOptions } from 'flaskoa/openapi'
import { z } from 'zod'
import { setupError } from '../support/setup-error'
import { declared, documentOf, Guard, info, operation } from './documented'

const idsOf = (document: ReturnType<typeof openapi>) =>
  Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { operationId }]) => `${method} ${path} ${operationId}`),
  )

@Blueprint('/users', { name: 'users' })
class Users {
  @Get('/')
  list() {
    return []
  }

  @Post('/')
  create() {
    return ''
  }

  @Delete('/<int:id>')
  remove() {
    return ''
  }
}

class App {
  @Get('/')
  index() {
    return ''
  }
}

describe('the document', () => {
  test('it has each route by path and method, with the endpoint as its name and the blueprint as its tag', () => {
    const document = documentOf(App, { blueprints: [{ blueprint: Users, prefix: '/v1' }] })
    expect(document).toMatchObject({ openapi: '3.1.0', info, tags: [{ name: 'users' }] })
    expect(idsOf(document)).toEqual([
      'get / index',
      'get /v1/ users.list',
      'post /v1/ users.create',
      'delete /v1/{id} users.remove',
    ])
    expect(operation(document, 'get', '/v1/').tags).toEqual(['users'])
    expect(operation(document, 'get', '/')).not.toHaveProperty('tags')
  })

  test('it is plain: as JSON it is the same', () => {
    const document = documentOf(App, { blueprints: [Users] })
    expect(JSON.parse(JSON.stringify(document))).toEqual(document)
  })

  test('it has neither HEAD nor OPTIONS, and no method that OpenAPI does not know', () => {
    class Methods {
      @Route('/a', { methods: ['GET', 'HEAD', 'OPTIONS', 'PROPFIND'] })
      a() {
        return ''
      }

      @Route('/b', { methods: ['PROPFIND'] })
      b() {
        return ''
      }
    }
    expect(idsOf(documentOf(Methods))).toEqual(['get /a a'])
  })

  test('each operation has its own name: a second method and a second rule get a suffix', () => {
    class Editor {
      @Route('/edit', { methods: ['GET', 'POST'] })
      @Route('/change', { methods: ['GET', 'POST'] })
      @Route('/alter', { methods: ['GET'] })
      edit() {
        return ''
      }

      @Get('/other', { doc: { operationId: 'edit' } })
      other() {
        return ''
      }
    }
    const ids = idsOf(documentOf(Editor)).map(each => each.split(' ')[2])
    expect(ids.sort()).toEqual(['edit', 'edit.get', 'edit.get.2', 'edit.get.3', 'edit.post', 'edit.post.2'])
  })

  test('a second name of a route is no second operation', () => {
    class Named {
      @Get('/', { alias: 'home' })
      index() {
        return ''
      }

      @Get('/twice')
      @Get('/twice', { endpoint: 'again' })
      twice() {
        return ''
      }
    }
    const paths = idsOf(documentOf(Named)).map(each => each.split(' ', 2).join(' '))
    expect(paths).toEqual(['get /', 'get /twice'])
  })

  test('doc: false leaves a route out, and doc says the rest', () => {
    class Described {
      @Get('/hidden', { doc: false })
      hidden() {
        return ''
      }

      @Get('/shown', {
        doc: { summary: 'Shows.', description: 'More.', tags: ['other'], deprecated: true, security: [] },
      })
      shown() {
        return ''
      }
    }
    const document = documentOf(Described)
    expect(Object.keys(document.paths)).toEqual(['/shown'])
    expect(operation(document, 'get', '/shown')).toMatchObject({
      operationId: 'shown',
      summary: 'Shows.',
      description: 'More.',
      tags: ['other'],
      deprecated: true,
      security: [],
    })
  })

  test('rules that OpenAPI can not tell apart have one path, and a note where one of them is missing', () => {
    class Ambiguous {
      @Get('/things/<int:id>')
      byId() {
        return ''
      }

      @Get('/things/<name>', { doc: { description: 'By name.' } })
      byName() {
        return ''
      }

      @Get('/things/<uuid:key>')
      byKey() {
        return ''
      }

      @Delete('/things/<uuid:key>')
      remove() {
        return ''
      }
    }
    const document = documentOf(Ambiguous)
    expect(idsOf(document)).toEqual(['get /things/{id} byId', 'delete /things/{id} remove'])
    expect(operation(document, 'get', '/things/{id}').description).toBe(
      'The rule `/things/<name>` (`byName`) has the same path in OpenAPI.\n\n' +
        'The rule `/things/<uuid:key>` (`byKey`) has the same path in OpenAPI.',
    )
    expect(operation(document, 'delete', '/things/{id}').parameters).toEqual([
      { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
    ])
  })

  test('what the options say is in it', () => {
    const about = {
      info: { ...info, description: 'Sells.' },
      servers: [{ url: 'https://example.com' }],
      security: [{ bearer: [] }],
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      tags: [{ name: 'first' }, { name: 'users', description: 'Who buys.' }],
      externalDocs: { url: 'https://example.com/docs' },
    } satisfies OpenApiOptions
    const { securitySchemes, ...rest } = about
    const document = documentOf(App, { blueprints: [Users] }, about)
    expect(document).toMatchObject({ ...rest, components: { securitySchemes } })
    expect(document.tags).toHaveLength(2)
  })

  test('it has the routes of all lifecycles of a Koa application', () => {
    class Second {
      @Get('/second')
      second() {
        return ''
      }
    }
    const app = new Koa().use(lifecycle(App)).use(lifecycle(Second))
    expect(Object.keys(openapi(app, { info }).paths)).toEqual(['/', '/second'])
  })
})

describe('security', () => {
  const schemes = {
    securitySchemes: { key: { type: 'apiKey', name: 'key', in: 'header' }, login: { type: 'oauth2', flows: {} } },
  }

  @Blueprint('/inner', { name: 'inner' })
  class Inner {
    @Guard({ security: { login: ['write'] } })
    mayWrite() {}

    @Post('/')
    write() {
      return ''
    }
  }

  @Blueprint('/outer', { name: 'outer', blueprints: [Inner] })
  class Outer {
    @Guard({ security: { key: [], login: ['read'] } })
    check() {}

    @Get('/')
    read() {
      return ''
    }

    @Get('/open', { doc: { security: [] } })
    open() {
      return ''
    }
  }

  test('a route needs what all of its before methods need, outermost first', () => {
    const document = documentOf(App, { blueprints: [Outer] }, schemes)
    expect(operation(document, 'get', '/')).not.toHaveProperty('security')
    expect(operation(document, 'get', '/outer/').security).toEqual([{ key: [], login: ['read'] }])
    expect(operation(document, 'post', '/outer/inner/').security).toEqual([{ key: [], login: ['read', 'write'] }])
    expect(operation(document, 'get', '/outer/open').security).toEqual([])
  })

  test('a scheme that is not described is refused', () => {
    expect(setupError(() => documentOf(App, { blueprints: [Outer] }))).toBe(
      "FLASKOA_BAD_OPTION openapi: outer.read needs the security scheme 'key', which the option securitySchemes does not " +
        "describe. Add it, for instance { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } }.",
    )
    expect(setupError(() => documentOf(App, {}, { security: [{ bearer: [] }] }))).toContain('the option security needs')
  })
})

describe('mistakes', () => {
  test.each([
    [{}, 'openapi needs the texts title and version of the application: { info: { title, version } }.'],
    [{ info: { title: 'x' } }, 'openapi needs the texts title and version'],
    [{ info: 'x' }, 'openapi: info must be an object, not "x".'],
    [{ info, servers: {} }, 'openapi: servers must be a list, not an object of class Object.'],
    [{ info, sevrers: [] }, "openapi has no option 'sevrers'. It has: info, servers, security,"],
    [
      { info, securitySchemes: { a: { type: 'jwt' } } },
      'openapi: securitySchemes: the type of a must be one of apiKey, http, mutualTLS, oauth2, openIdConnect, not "jwt". A JWT is { type: ',
    ],
    [
      { info, securitySchemes: { a: 'jwt' } },
      'openapi: securitySchemes: the type of a must be one of apiKey, http, mutualTLS, oauth2, openIdConnect, not undefined.',
    ],
    ['x', 'openapi: the options must be an object, not "x".'],
  ])('the options %j', (options, message) => {
    expect(setupError(() => openapi(bootstrap(App), options as OpenApiOptions))).toContain(message)
  })

  test('an application without a lifecycle', () => {
    expect(() => openapi(new Koa(), { info })).toThrow(TypeError)
  })

  test('an option that is undefined was left out', () => {
    expect(documentOf(App, {}, { servers: undefined })).not.toHaveProperty('servers')
  })
})

test('a document can be made again', () => {
  class Twice {
    @Post('/', declared({ body: z.object({ name: z.string() }).meta({ id: 'Name' }) }))
    create(): never {
      throw new Error('not called')
    }
  }
  const app = bootstrap(Twice)
  expect(openapi(app, { info })).toEqual(openapi(app, { info }))
})
