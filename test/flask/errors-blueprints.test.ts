import { AppErrorHandler, Blueprint, ErrorHandler, Get, abort, makeResponse } from 'flaskoa'
import { clientOf } from '../support/client'

/** Flask's tests of error handlers in blueprints. */
const testing = { testing: true }

test("[5.4] each blueprint's own 403 (test_blueprints.py::test_blueprint_specific_error_handling)", async () => {
  /** Refuses, and says by whom. */
  abstract class Refusing {
    @ErrorHandler(403)
    forbidden() {
      return makeResponse(`${this.constructor.name} refuses`, 403)
    }
  }
  @Blueprint()
  class Front extends Refusing {
    @Get('/front')
    index(): string {
      abort(403)
    }
  }
  @Blueprint()
  class Back extends Refusing {
    @Get('/back')
    index(): string {
      abort(403)
    }
  }
  @Blueprint()
  class Side {
    @Get('/side')
    index(): string {
      abort(403)
    }
  }
  class App extends Refusing {}
  const client = clientOf(App, { ...testing, blueprints: [Front, Back, Side] })
  expect((await client.get('/front')).text).toBe('Front refuses')
  expect((await client.get('/back')).text).toBe('Back refuses')
  expect((await client.get('/side')).text).toBe('App refuses')
})

test('[5.3] classes of its own (test_blueprints.py::test_blueprint_specific_user_error_handling)', async () => {
  class Late extends Error {}
  class Lost extends Error {}
  @Blueprint()
  class Parcels {
    @ErrorHandler(Late)
    late(error: Late) {
      return `wait ${error instanceof Late}`
    }

    @ErrorHandler(Lost)
    lost(error: Lost) {
      return `sorry ${error instanceof Lost}`
    }

    @Get('/late')
    throwLate(): string {
      throw new Late()
    }

    @Get('/lost')
    throwLost(): string {
      throw new Lost()
    }
  }
  class App {
    @Get('/')
    index() {
      return 'index'
    }
  }
  const client = clientOf(App, { ...testing, blueprints: [Parcels] })
  expect((await client.get('/late')).text).toBe('wait true')
  expect((await client.get('/lost')).text).toBe('sorry true')
})

test("[5.5] a blueprint's handler for all (test_blueprints.py::test_blueprint_app_error_handling)", async () => {
  @Blueprint()
  class Errors {
    @AppErrorHandler(403)
    forbidden() {
      return makeResponse('no entry', 403)
    }
  }
  @Blueprint()
  class Other {
    @Get('/other')
    index(): string {
      abort(403)
    }
  }
  class App {
    @Get('/')
    index(): string {
      abort(403)
    }
  }
  const client = clientOf(App, { ...testing, blueprints: [Errors, Other] })
  for (const path of ['/', '/other']) {
    const { status, text } = await client.get(path)
    expect([path, status, text]).toEqual([path, 403, 'no entry'])
  }
})

test('[4.9, 5.4] the innermost handler there is (test_blueprints.py::test_nested_blueprint)', async () => {
  abstract class Rooms {
    @Get('/')
    index() {
      return `${this.constructor.name} welcomes`
    }

    @Get('/closed')
    closed(): string {
      abort(403)
    }
  }
  @Blueprint('/grandchild')
  class Grandchild extends Rooms {
    @ErrorHandler(403)
    forbidden() {
      return makeResponse('Grandchild refuses', 403)
    }
  }
  @Blueprint('/child', { blueprints: [Grandchild] })
  class Child extends Rooms {}
  @Blueprint('/parent', { blueprints: [Child] })
  class Parent extends Rooms {
    @ErrorHandler(403)
    forbidden() {
      return makeResponse('Parent refuses', 403)
    }
  }
  class App {
    @Get('/')
    index() {
      return 'index'
    }
  }
  const client = clientOf(App, { ...testing, blueprints: [Parent] })
  const text = async (path: string) => (await client.get(path)).text
  expect(await text('/parent/')).toBe('Parent welcomes')
  expect(await text('/parent/child/')).toBe('Child welcomes')
  expect(await text('/parent/child/grandchild/')).toBe('Grandchild welcomes')
  expect(await text('/parent/closed')).toBe('Parent refuses')
  expect(await text('/parent/child/closed')).toBe('Parent refuses')
  expect(await text('/parent/child/grandchild/closed')).toBe('Grandchild refuses')
})
