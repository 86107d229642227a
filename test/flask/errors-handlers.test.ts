import createError from 'http-errors'
import { Blueprint, ErrorHandler, Get, HttpError } from 'flaskoa'
import { clientOf } from '../support/client'

/** Flask's tests of which handler an error gets. */
const testing = { testing: true }
const { Forbidden, InternalServerError, NotFound } = createError

test('[5.4] the nearest class (test_user_error_handler.py::test_error_handler_subclass)', async () => {
  class Parent extends Error {}
  class Unregistered extends Parent {}
  class Registered extends Parent {}
  class App {
    @ErrorHandler(Parent)
    parent(error: Parent) {
      return `parent ${error instanceof Parent}`
    }

    @ErrorHandler(Registered)
    registered(error: Registered) {
      return `registered ${error instanceof Registered}`
    }

    @Get('/parent')
    throwParent(): string {
      throw new Parent()
    }

    @Get('/unregistered')
    throwUnregistered(): string {
      throw new Unregistered()
    }

    @Get('/registered')
    throwRegistered(): string {
      throw new Registered()
    }
  }
  const client = clientOf(App, testing)
  expect((await client.get('/parent')).text).toBe('parent true')
  expect((await client.get('/unregistered')).text).toBe('parent true')
  expect((await client.get('/registered')).text).toBe('registered true')
})

test('[5.4] the nearest HTTP class (test_user_error_handler.py::test_error_handler_http_subclass)', async () => {
  /** http-errors' constructors give an object of their own class, whatever class is made. */
  class OwnForbidden extends Forbidden {
    constructor() {
      super()
      Object.setPrototypeOf(this, new.target.prototype)
    }
  }
  class Registered extends OwnForbidden {}
  class Unregistered extends OwnForbidden {}
  class App {
    @ErrorHandler(403)
    forbidden(error: HttpError) {
      return `403 ${error instanceof Forbidden}`
    }

    @ErrorHandler(Registered)
    registered(error: Registered) {
      return `registered ${error instanceof Registered}`
    }

    @Get('/forbidden')
    throwForbidden(): string {
      throw new Forbidden()
    }

    @Get('/registered')
    throwRegistered(): string {
      throw new Registered()
    }

    @Get('/unregistered')
    throwUnregistered(): string {
      throw new Unregistered()
    }
  }
  const client = clientOf(App, testing)
  expect((await client.get('/forbidden')).text).toBe('403 true')
  expect((await client.get('/unregistered')).text).toBe('403 true')
  expect((await client.get('/registered')).text).toBe('registered true')
})

test("[5.4, 5.8] a blueprint's 500 handler (test_user_error_handler.py::test_error_handler_blueprint)", async () => {
  @Blueprint('/users')
  class Users {
    @ErrorHandler(500)
    failed() {
      return 'of the blueprint'
    }

    @Get('/error')
    error(): string {
      throw new InternalServerError()
    }
  }
  class App {
    @ErrorHandler(500)
    failed() {
      return 'of the application'
    }

    @Get('/error')
    error(): string {
      throw new InternalServerError()
    }
  }
  const client = clientOf(App, { ...testing, blueprints: [Users] })
  expect((await client.get('/error')).text).toBe('of the application')
  expect((await client.get('/users/error')).text).toBe('of the blueprint')
})

test('[4.7, 5.4, 5.7] a default handler (test_user_error_handler.py::test_default_error_handler)', async () => {
  const kind = (error: Error) => [HttpError, NotFound, Forbidden].map(each => error instanceof each).join()
  abstract class Handling {
    @ErrorHandler(HttpError)
    other(error: HttpError) {
      return `${this.constructor.name} default ${kind(error)}`
    }

    @ErrorHandler(Forbidden)
    forbidden(error: HttpError) {
      return `${this.constructor.name} forbidden ${kind(error)}`
    }

    @Get('/forbidden')
    throwForbidden(): string {
      throw new Forbidden()
    }
  }
  @Blueprint('/users')
  class Users extends Handling {
    @Get('/missing')
    missing(): string {
      throw new NotFound()
    }
  }
  class App extends Handling {
    @Get('/slash/')
    slash() {
      return 'slash'
    }
  }
  const client = clientOf(App, { blueprints: [Users] })
  expect((await client.get('/users/missing')).text).toBe('Users default true,true,false')
  expect((await client.get('/users/forbidden')).text).toBe('Users forbidden true,false,true')
  expect((await client.get('/missing')).text).toBe('App default true,true,false')
  expect((await client.get('/forbidden')).text).toBe('App forbidden true,false,true')
  expect((await client.get('/slash', { followRedirects: true })).text).toBe('slash')
})
