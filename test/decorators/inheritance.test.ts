import {
  AfterRequest,
  BeforeRequest,
  Blueprint,
  ErrorHandler,
  Get,
  Post,
  TeardownRequest,
  urlFor,
  type Class,
  type Response,
} from 'flaskoa'
import { clientOf } from '../support/client'
import { log, note } from '../support/log'

abstract class Base {
  @BeforeRequest load() {
    note('Base.load')
  }
  @BeforeRequest check() {
    note('Base.check')
  }
  @TeardownRequest close() {
    note('Base.close')
  }
  @Get('/') index() {
    return `index of ${this.constructor.name}`
  }
}

describe('a subclass', () => {
  test("has its base's methods, and they run before its own", async () => {
    class App extends Base {
      @BeforeRequest own() {
        note('App.own')
      }
      @TeardownRequest closeOwn() {
        note('App.closeOwn')
      }
    }
    expect((await clientOf(App).get('/')).text).toBe('index of App')
    expect(log).toEqual(['Base.load', 'Base.check', 'App.own', 'App.closeOwn', 'Base.close'])
  })

  test('may have no decorators of its own', async () => {
    class Middle extends Base {}
    class App extends Middle {}
    expect((await clientOf(App).get('/')).text).toBe('index of App')
    expect(log).toEqual(['Base.load', 'Base.check', 'Base.close'])
  })

  test('replaces a method in its place when it decorates it again', async () => {
    class App extends Base {
      @BeforeRequest own() {
        note('App.own')
      }
      @BeforeRequest override load() {
        note('App.load')
      }
    }
    await clientOf(App).get('/')
    expect(log).toEqual(['App.load', 'Base.check', 'App.own', 'Base.close'])
  })

  test('keeps the decorators of a method that it merely overrides', async () => {
    class App extends Base {
      override check() {
        note('App.check, then')
        super.check()
      }
      override index() {
        return `${super.index()}, overridden`
      }
    }
    expect((await clientOf(App).get('/')).text).toBe('index of App, overridden')
    expect(log).toEqual(['Base.load', 'App.check, then', 'Base.check', 'Base.close'])
  })

  test('may make another kind of hook of a method', async () => {
    class Quiet extends Base {
      @AfterRequest override check(response?: Response) {
        note('Quiet.check')
        return response as Response
      }
    }
    await clientOf(Quiet).get('/')
    expect(log).toEqual(['Base.load', 'Quiet.check', 'Base.close'])
  })

  test('replaces all rules of a view that it decorates again', async () => {
    class Site {
      @Get('/') @Get('/home') index() {
        return 'Site'
      }
    }
    class App extends Site {
      @Post('/') override index() {
        return 'App'
      }
    }
    const client = clientOf(App)
    expect((await client.get('/home')).status).toBe(404)
    expect((await client.get('/')).headers.allow).toBe('OPTIONS, POST')
    expect((await client.post('/')).text).toBe('App')
    expect((await clientOf(Site).get('/home')).text).toBe('Site')
  })

  test("replaces its base's error handler only under the method's name", async () => {
    class Site {
      @Get('/range') range(): string {
        throw new RangeError()
      }
      @ErrorHandler(404) @ErrorHandler(RangeError) failed() {
        return 'Site.failed'
      }
    }
    class App extends Site {
      @ErrorHandler(404) missing() {
        return 'App.missing'
      }
    }
    const client = clientOf(App)
    expect((await client.get('/range')).text).toBe('Site.failed')
    expect((await client.get('/none')).text).toBe('App.missing')
  })
})

describe('relatives', () => {
  test('siblings and bases do not get what a subclass adds', async () => {
    class First extends Base {
      @BeforeRequest first() {
        note('First.first')
      }
    }
    class Second extends Base {
      @BeforeRequest second() {
        note('Second.second')
      }
    }
    for (const controller of [First, Second, Base as Class]) await clientOf(controller).get('/')
    expect(log.filter(line => !line.startsWith('Base'))).toEqual(['First.first', 'Second.second'])
  })

  test('the application and a blueprint may have one base: its hooks run for each', async () => {
    @Blueprint('/users')
    class Users extends Base {}
    class App extends Base {}
    const client = clientOf(App, { blueprints: [Users] })
    expect((await client.get('/users/')).text).toBe('index of Users')
    expect(log).toEqual(['Base.load', 'Base.check', 'Base.load', 'Base.check', 'Base.close', 'Base.close'])
  })

  test('a subclass of a blueprint is one too, with its prefix, and a name of its own', async () => {
    @Blueprint('/users')
    class Users {
      @Get('/<int:id>') show({ id }: { id: number }) {
        return urlFor('.show', { id })
      }
    }
    @Blueprint('/admins')
    class Admins extends Users {}
    class Guests extends Users {}
    class App {
      @Get('/<endpoint>') url({ endpoint }: { endpoint: string }) {
        return urlFor(endpoint, { id: 1 })
      }
    }
    const client = clientOf(App, { blueprints: [Admins, { blueprint: Guests, prefix: '/guests' }, Users] })
    for (const path of ['/users/1', '/admins/1', '/guests/1']) expect((await client.get(path)).text).toBe(path)
    expect((await client.get('/Guests.show')).text).toBe('/guests/1')
    const inherited = clientOf(App, { blueprints: [Guests] })
    expect((await inherited.get('/Guests.show')).text).toBe('/users/1')
  })
})

describe('mixins', () => {
  type Constructor = new (...args: any[]) => object

  function Timed<B extends Constructor>(base: B) {
    class Timed extends base {
      @BeforeRequest start() {
        note('Timed.start')
      }
      @TeardownRequest stop() {
        note('Timed.stop')
      }
    }
    return Timed
  }
  function Guarded<B extends Constructor>(base: B) {
    class Guarded extends base {
      @BeforeRequest guard() {
        note('Guarded.guard')
      }
      @Get('/login') login() {
        return `login of ${this.constructor.name}`
      }
    }
    return Guarded
  }

  test('bring their methods, the innermost first', async () => {
    class App extends Timed(Guarded(Base as Constructor)) {
      @BeforeRequest own() {
        note('App.own')
      }
    }
    expect((await clientOf(App).get('/login')).text).toBe('login of App')
    expect(log).toEqual([
      'Base.load',
      'Base.check',
      'Guarded.guard',
      'Timed.start',
      'App.own',
      'Timed.stop',
      'Base.close',
    ])
  })

  test('may be used by several classes, and change none of the others', async () => {
    @Blueprint('/users')
    class Users extends Timed(Object) {
      @Get('/') index() {
        return 'users'
      }
    }
    class App extends Guarded(Object) {}
    const client = clientOf(App, { blueprints: [Users] })
    expect((await client.get('/users/')).text).toBe('users')
    expect((await client.get('/login')).text).toBe('login of App')
    expect(log).toEqual(['Guarded.guard', 'Timed.start', 'Timed.stop', 'Guarded.guard'])
  })
})
