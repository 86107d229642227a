import {
  AfterRequest,
  AppErrorHandler,
  BeforeFirstRequest,
  BeforeRequest,
  bootstrap,
  Blueprint,
  Delete,
  ErrorHandler,
  Get,
  Patch,
  Post,
  Put,
  TeardownRequest,
  urlFor,
  type Class,
  type Response,
} from 'flaskoa'
import { clientOf } from '../support/client'
import { log } from '../support/log'

describe('bare and called', () => {
  test('[1.4] are the same, in the order of the class', async () => {
    class App {
      @BeforeRequest bare() {
        log.push('bare')
      }
      @BeforeRequest() called() {
        log.push('called')
      }
      @BeforeRequest bareAgain() {
        log.push('bare again')
      }
      @TeardownRequest() closeCalled() {
        log.push('close called')
      }
      @TeardownRequest closeBare() {
        log.push('close bare')
      }
      @Get('/') index() {
        return ''
      }
    }
    await clientOf(App).get('/')
    expect(log).toEqual(['bare', 'called', 'bare again', 'close bare', 'close called'])
  })

  test('one called decorator may be kept and used for several methods', async () => {
    const first = BeforeRequest()
    class App {
      @first one() {
        log.push('one')
      }
      @first two() {
        log.push('two')
      }
      @Get('/') index() {
        return ''
      }
    }
    await clientOf(App).get('/')
    expect(log).toEqual(['one', 'two'])
  })

  test.each([
    ['GET', Get],
    ['POST', Post],
    ['PUT', Put],
    ['PATCH', Patch],
    ['DELETE', Delete],
  ] as const)('the decorator for %s routes nothing else', async (method, Verb) => {
    class App {
      @Verb('/') index() {
        return method
      }
    }
    const client = clientOf(App)
    expect((await client.request(method, '/')).text).toBe(method)
    const { status, headers } = await client.request(method === 'GET' ? 'POST' : 'GET', '/')
    expect([status, headers.allow]).toEqual([
      405,
      method === 'GET' ? 'GET, HEAD, OPTIONS' : [method, 'OPTIONS'].sort().join(', '),
    ])
  })
})

describe('several on one method', () => {
  test('a method may be several hooks at once', async () => {
    class App {
      @BeforeFirstRequest
      @BeforeRequest()
      @TeardownRequest
      note(...given: unknown[]) {
        log.push(`note ${given.length}`)
      }
      @Get('/') index() {
        log.push('index')
        return ''
      }
    }
    await clientOf(App).get('/')
    expect(log).toEqual(['note 0', 'note 1', 'index', 'note 2'])
  })

  test('[11.3] a method may have several rules, of one endpoint', async () => {
    class App {
      @Get('/users/<int:number>')
      @Get('/users')
      @Post('/people')
      users(given: object) {
        return { given: 'number' in given, url: urlFor('users'), one: urlFor('users', { number: 1 }) }
      }
    }
    const client = clientOf(App)
    const urls = { url: '/users', one: '/users/1' }
    expect((await client.get('/users')).json()).toEqual({ given: false, ...urls })
    expect((await client.get('/users/5')).json()).toEqual({ given: true, ...urls })
    expect((await client.post('/people')).json()).toEqual({ given: false, ...urls })
  })

  test('[5.5] a method may handle several errors', async () => {
    class App {
      @Get('/range') range(): string {
        throw new RangeError('range')
      }
      @Get('/type') type(): string {
        throw new TypeError('type')
      }
      @ErrorHandler(404)
      @ErrorHandler(RangeError)
      @AppErrorHandler(TypeError)
      handle({ message }: Error) {
        return `handled ${message}`
      }
    }
    const client = clientOf(App)
    const texts = [await client.get('/range'), await client.get('/type'), await client.get('/none')].map(
      ({ text }) => text,
    )
    expect(texts).toEqual(['handled range', 'handled type', 'handled Not Found'])
  })
})

describe('the method itself', () => {
  test('is called on its instance, of which there is one', async () => {
    class App {
      static made = 0
      readonly name = 'app'
      #requests = 0
      constructor() {
        App.made++
      }
      @BeforeRequest count() {
        this.#requests++
      }
      @Get('/') index() {
        return `${this.name} ${this.#requests}`
      }
    }
    const client = clientOf(App)
    await client.get('/')
    expect((await client.get('/')).text).toBe('app 2')
    expect(App.made).toBe(1)
  })

  test('may have a symbol for a name, whose description is the endpoint', async () => {
    const load = Symbol('load')
    const show = Symbol('show')
    class App {
      @BeforeRequest [load]() {
        log.push('load')
      }
      @Get('/users/<int:id>') [show]({ id }: { id: number }) {
        return urlFor('show', { id: id + 1 })
      }
    }
    expect((await clientOf(App).get('/users/1')).text).toBe('/users/2')
    expect(log).toEqual(['load'])
  })

  test('may have the name of a method of Object, a number or any text', async () => {
    class App {
      @Get('/a') toString() {
        return urlFor('toString')
      }
      @Get('/b') hasOwnProperty() {
        return urlFor('hasOwnProperty')
      }
      @Get('/c') 5() {
        return urlFor('5')
      }
      @Get('/d') ['with space']() {
        return urlFor('with space')
      }
      @Get('/e') ['__proto__']() {
        return urlFor('__proto__')
      }
    }
    const client = clientOf(App)
    for (const path of ['/a', '/b', '/c', '/d', '/e']) expect((await client.get(path)).text).toBe(path)
  })

  test('may be a generator, and its chunks are streamed', async () => {
    class App {
      @Get('/') *index() {
        yield 'a'
        yield 'b'
      }
    }
    expect((await clientOf(App).get('/')).text).toBe('ab')
  })
})

/** A decorator of another package, in either dialect: it replaces the method by another function. */
interface Wrapper {
  (target: object, name: string | symbol, descriptor: PropertyDescriptor): void
  <M>(method: M, context: ClassMethodDecoratorContext): M
}

function wrap(name: string): Wrapper {
  const around = (method: (...args: unknown[]) => unknown) =>
    function (this: unknown, ...args: unknown[]) {
      log.push(name)
      return method.apply(this, args)
    }
  return ((target: never, _: unknown, descriptor?: { value: (...args: unknown[]) => unknown }) => {
    if (descriptor === undefined) return around(target)
    descriptor.value = around(descriptor.value)
  }) as Wrapper
}

describe('methods that other decorators wrap', () => {
  test('run wrapped, whether the other decorator is above or below', async () => {
    class App {
      name = 'app'
      @wrap('above before')
      @BeforeRequest
      @wrap('below before')
      before() {
        log.push(`${this.name} before`)
      }
      @BeforeRequest @wrap('below') once() {}
      @wrap('above') @AfterRequest() after(response: Response) {
        return response
      }
      @wrap('above view') @Get('/<int:id>') @wrap('below view') show({ id }: { id: number }) {
        return `${this.name} ${id}`
      }
    }
    expect((await clientOf(App).get('/5')).text).toBe('app 5')
    expect(log).toEqual(['above before', 'below before', 'app before', 'below', 'above view', 'below view', 'above'])
  })

  test('a class that another class decorator replaces keeps its methods and its place', async () => {
    const extended = ((cls: Class) => class Extended extends cls {}) as <C extends Class>(cls: C, context?: object) => C
    @extended
    @Blueprint('/inner', { name: 'inner' })
    class Inner {
      @Get('/') index() {
        return urlFor('.index')
      }
    }
    @Blueprint('/outer', { name: 'outer' })
    @extended
    class Outer {
      @Get('/') index() {
        return urlFor('.index')
      }
    }
    @extended
    class App {
      @BeforeRequest before() {
        log.push('before')
      }
    }
    const client = clientOf(App, { blueprints: [Inner, Outer] })
    expect((await client.get('/inner/')).text).toBe('/inner/')
    expect((await client.get('/outer/')).text).toBe('/outer/')
    expect(log).toEqual(['before', 'before'])
  })
})

describe('without decorator syntax', () => {
  test('a class of plain JavaScript is decorated by calls, as the legacy dialect does', async () => {
    class App {
      before() {
        log.push('before')
      }
      index() {
        return 'index'
      }
    }
    const decorate = (name: 'before' | 'index', decorator: (...args: [object, string, object]) => void) =>
      decorator(App.prototype, name, Object.getOwnPropertyDescriptor(App.prototype, name) as object)
    decorate('before', BeforeRequest)
    decorate('index', Get('/'))
    expect((await clientOf(App).get('/')).text).toBe('index')
    expect(log).toEqual(['before'])
  })
})

test('[11.1, 11.2] a method decorated after bootstrap belongs to the next application only', async () => {
  class App {
    @Get('/') index() {
      return 'index'
    }
    late() {
      return 'late'
    }
  }
  const before = clientOf(App)
  Get('/late')(App.prototype, 'late', Object.getOwnPropertyDescriptor(App.prototype, 'late') as object)
  expect((await before.get('/late')).status).toBe(404)
  expect((await clientOf(App).get('/late')).text).toBe('late')
})

test('two applications of one class have nothing in common', async () => {
  class App {
    #count = 0
    @BeforeFirstRequest once() {
      log.push('once')
    }
    @Get('/') index() {
      return String(++this.#count)
    }
  }
  const [one, other] = [clientOf(App), clientOf(App)]
  expect([await one.get('/'), await one.get('/'), await other.get('/')].map(({ text }) => text)).toEqual([
    '1',
    '2',
    '1',
  ])
  expect(log).toEqual(['once', 'once'])
  expect(bootstrap(App, { logger: false }).middleware).toHaveLength(1)
})
