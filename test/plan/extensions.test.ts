import Koa from 'koa'
import mount from 'koa-mount'
import {
  AfterRequest,
  BeforeRequest,
  Blueprint,
  bootstrap,
  Command,
  currentApp,
  ErrorHandler,
  extensionOf,
  Get,
  lifecycle,
  OnStart,
  TeardownAppContext,
  TeardownRequest,
  type BootstrapOptions,
  type Extension,
  type ExtensionHost,
  type ExtensionOptions,
  type KoaResponse,
} from 'flaskoa'
import { lifecycleLock, testClient } from 'flaskoa/testing'
import { runtimeOf } from '../../src/request/runtime'
import { log } from '../support/log'
import { setupError } from '../support/setup-error'

/** The hooks of an extension, or of an application. */
class Hooks {
  constructor(
    readonly name = 'App',
    readonly order?: 'first' | 'last',
  ) {}
  @BeforeRequest() before() {
    log.push(`before ${this.name}`)
  }
  @AfterRequest() after(response: KoaResponse) {
    log.push(`after ${this.name}`)
    return response
  }
  @TeardownRequest() teardown() {
    log.push(`teardown ${this.name}`)
  }
}

class App extends Hooks {
  @Get('/') index() {
    return 'index'
  }
}

const refused = (extension: unknown) =>
  setupError(() => bootstrap(App, { extensions: [extension] as unknown as readonly Extension[] }))

test('the hooks of extensions are around those of the application, or inside of them', async () => {
  const extensions = [new Hooks('first'), new Hooks('last', 'last'), new Hooks('second', 'first')]
  await testClient(bootstrap(App, { extensions })).get('/')
  expect(log).toEqual([
    ...['before first', 'before second', 'before App', 'before last'],
    ...['after last', 'after App', 'after second', 'after first'],
    ...['teardown last', 'teardown App', 'teardown second', 'teardown first'],
  ])
})

test('an extension has views, error handlers, commands and all other methods', async () => {
  class Database implements Extension {
    readonly name = 'database'
    @OnStart() open() {
      log.push('open')
    }
    @Get('/tables') tables() {
      return ['users']
    }
    @ErrorHandler(RangeError) failed() {
      return 'out of range'
    }
    @TeardownAppContext() close() {
      log.push('close')
    }
    @Command('init-db', { description: 'creates the tables' }) init() {}
  }
  class Site {
    @Get('/') index(): string {
      throw new RangeError('3')
    }
  }
  const app = bootstrap(Site, { extensions: [new Database()] })
  const client = testClient(app)
  expect((await client.get('/tables')).json()).toEqual(['users'])
  expect((await client.get('/')).text).toBe('out of range')
  expect(log).toEqual(['open', 'close', 'close', 'close'])
  expect(lifecycleLock(app)).toContain('GET /tables  tables\n  view: Database.tables (extension database)\n')
  expect(lifecycleLock(app)).toContain(
    'the application\n  extension: database\n  on start: Database.open (extension database)\n',
  )
  expect(runtimeOf(app)?.plan.commands).toMatchObject([
    { name: 'init-db', options: { description: 'creates the tables' } },
  ])
})

test('an application of extensions alone', async () => {
  class Bare {}
  class Pages {
    readonly name = 'pages'
    @Get('/') index() {
      return 'page'
    }
  }
  expect((await testClient(bootstrap(Bare, { extensions: [new Pages()] })).get('/')).text).toBe('page')
})

describe('the blueprint of an extension', () => {
  @Blueprint('/blog', { name: 'blog' })
  class Blog {
    @BeforeRequest() own() {
      log.push('before Blog')
    }
    @Get('/') index() {
      return 'blog'
    }
  }
  class Files extends Hooks {
    readonly blueprint = Blog
    @Get('/files/<name>') file({ name }: { name: string }) {
      return name
    }
  }

  test('has its hooks and views', async () => {
    const app = bootstrap(App, {
      blueprints: [Blog, { blueprint: Blog, name: 'news', prefix: '/news' }],
      extensions: [new Files('files'), new Files('more', 'last')].slice(0, 1),
    })
    const client = testClient(app)
    expect((await client.get('/blog/files/a.css')).text).toBe('a.css')
    expect(log.splice(0).slice(0, 3)).toEqual(['before App', 'before files', 'before Blog'])
    expect((await client.get('/news/files/b.css')).text).toBe('b.css')
    log.length = 0
    await client.get('/')
    expect(log).toEqual(['before App', 'after App', 'teardown App'])
    expect(lifecycleLock(app)).toContain('GET /blog/files/<name>  blog.file\n')
  })

  test('must be registered', () => {
    expect(refused(new Files('files'))).toBe(
      'FLASKOA_BAD_EXTENSION The extension files belongs to the blueprint Blog, which this application does not have. Add it to the ' +
        'option blueprints.',
    )
  })
})

test('an extension brings blueprints along', async () => {
  @Blueprint('/admin')
  class Admin {
    @Get('/') index() {
      return 'admin'
    }
  }
  const app = bootstrap(App, { extensions: [{ name: 'admin', blueprints: [Admin] }] })
  expect((await testClient(app).get('/admin/')).text).toBe('admin')
})

test('commands of a blueprint have its name in front', () => {
  @Blueprint('/users', { name: 'users' })
  class Users {
    @Command('import') load() {}
  }
  const runtime = runtimeOf(bootstrap(App, { blueprints: [Users] }))
  expect(runtime?.plan.commands.map(({ name }) => name)).toEqual(['users import'])
})

test.each([
  ['', "Site.run: @Command: '' can't be the name of a command. Use letters, digits and '-', for instance 'init-db'."],
  ['--force', "@Command: '--force' can't be the name of a command."],
  ['init db', "@Command: 'init db' can't be the name of a command."],
])('the command %p is refused', (name, message) => {
  class Site {
    @Command(name) run() {}
  }
  expect(setupError(() => bootstrap(Site))).toContain(message)
})

test('two commands of one name', () => {
  class Site {
    @Command('init') one() {}
    @Command('init') two() {}
  }
  expect(setupError(() => bootstrap(Site))).toBe(
    "FLASKOA_BAD_COMMAND Site.two: Site.one is the command 'init' as well. Rename one.",
  )
  const call = Command as (...given: unknown[]) => unknown
  for (const given of [[], [5], ['init', 'text']]) {
    expect(setupError(() => call(...given))).toBe(
      "FLASKOA_BAD_DECORATOR_CALL @Command needs a name, and an object if it has options: write @Command('init-db')",
    )
  }
})

describe('set-up', () => {
  test('initApp runs once for each bootstrap, with what the application is', () => {
    const hosts: ExtensionHost[] = []
    const extension = { name: 'noted', initApp: (host: ExtensionHost) => void hosts.push(host) }
    const other = { name: 'other' }
    bootstrap(App, { extensions: [extension, other], root: '/srv/app', debug: true })
    bootstrap(App, { extensions: [extension], testing: true })
    expect(hosts).toEqual([
      { root: '/srv/app', isDebug: true, isTesting: false, extensions: [extension, other] },
      // Under a test runner: the folder of the file that calls bootstrap.
      { root: __dirname, isDebug: false, isTesting: true, extensions: [extension] },
    ])
  })

  test('attach is called once for each application', async () => {
    const apps: Koa[] = []
    const extension = { name: 'noted', attach: (app: Koa) => void apps.push(app) }
    const app = bootstrap(App, { extensions: [extension] })
    const client = testClient(app)
    await client.get('/')
    await client.get('/')
    expect(apps).toEqual([app])
    const around = new Koa().use(mount('/inner', lifecycle(App, { extensions: [extension] })))
    await testClient(around).get('/inner/')
    expect(apps).toEqual([app, around])
  })

  test('extensionOf finds an extension by its name', async () => {
    const extension = { name: 'database' }
    class Site {
      @Get('/') index() {
        return {
          found: extensionOf(currentApp(), 'database') === extension,
          other: extensionOf(currentApp(), 'cache') ?? null,
        }
      }
    }
    const app = bootstrap(Site, { extensions: [extension] })
    expect((await testClient(app).get('/')).json()).toEqual({ found: true, other: null })
    expect(extensionOf(new Koa(), 'database')).toBeUndefined()
  })

  test.each([
    [null, 'the extensions must be objects with a name, not null.'],
    ['files', 'the extensions must be objects with a name, not "files".'],
    [{}, 'the extensions must be objects with a name, not an object of class Object.'],
    [{ name: '' }, 'the extensions must be objects with a name, not an object of class Object.'],
    [Hooks, 'the extensions must be objects with a name, not the function Hooks. Call it: new Hooks().'],
    [function files() {}, 'not the function files. Call it: files(…).'],
    [() => ({ name: 'a' }), 'Call it: it(…).'],
    [{ name: 'a', order: 'middle' }, "the extension a: the option order must be 'first' or 'last', not \"middle\"."],
    [{ name: 'a', initApp: true }, 'the extension a: the option initApp must be a function, not true.'],
    [
      { name: 'a', options: { debug: true } },
      'The extension a gives the option debug, which the application must have before its extensions are set up. Give it yourself: ' +
        'bootstrap(App, { debug: … }).',
    ],
    [{ name: 'a', options: { debg: true } }, "the extension a: options has no option 'debg'."],
    [{ name: 'a', options: { limits: { body: -1 } } }, 'the option body must be a whole number from 0 up, not -1.'],
  ])('%p is refused', (extension, message) => {
    expect(refused(extension)).toContain(message)
  })

  test.each(['initApp', 'attach'])(
    'an %s that is asynchronous is refused, and its rejection ends no process',
    async method => {
      const late = { name: 'late', [method]: () => Promise.reject(new Error('late')) }
      const make = () => void bootstrap(App, { extensions: [late] }).callback()
      expect(setupError(make)).toBe(
        `FLASKOA_BAD_EXTENSION The extension late: ${method} is asynchronous, and nothing waits for it. ` +
          'Do what takes time in an @OnStart method.',
      )
      await new Promise(setImmediate)
    },
  )

  test.each(['initApp', 'attach'])('an %s that is a generator is refused: its body would never run', method => {
    const generated = {
      name: 'generated',
      *[method]() {
        yield 1
      },
    }
    expect(setupError(() => void bootstrap(App, { extensions: [generated] }).callback())).toBe(
      `FLASKOA_BAD_EXTENSION The extension generated: ${method} is a generator, and nothing iterates over it. Leave the * out.`,
    )
  })

  test('initApp can not change the application by what it gets', () => {
    const initApp = (host: { root: string; extensions: object[] }) => {
      expect(() => host.extensions.push({ name: 'further' })).toThrow(TypeError)
      expect(() => (host.root = '/')).toThrow(TypeError)
    }
    const extensions = [{ name: 'first', initApp: initApp as never }, { name: 'second' }]
    bootstrap(App, { extensions })
    expect(extensions).toHaveLength(2)
    expect.assertions(4)
  })

  test('two extensions of one name are refused', () => {
    expect(setupError(() => bootstrap(App, { extensions: [{ name: 'a' }, { name: 'a' }] }))).toBe(
      "FLASKOA_BAD_EXTENSION bootstrap: two extensions have the name 'a'. Give one another name.",
    )
  })

  test.each(['relative', './views', 5])('the root %p is refused', root => {
    expect(setupError(() => bootstrap(App, { root } as BootstrapOptions))).toContain(
      'bootstrap: the option root must be the absolute path of a folder, for instance __dirname, not',
    )
  })
})

describe('options of extensions', () => {
  const withOptions = (options: ExtensionOptions, name = 'a'): Extension => ({ name, options })
  class Site {
    @Get('/<hex:id>') show({ id }: { id: number }) {
      return String(id)
    }
  }
  const hex = { regex: '[0-9a-f]+', convert: (text: string) => parseInt(text, 16) }
  const octal = { regex: '[0-7]+', convert: (text: string) => parseInt(text, 8) }

  test('apply unless the application has its own', async () => {
    const app = bootstrap(Site, {
      extensions: [
        withOptions({ converters: { hex: octal }, secretKey: undefined, middleware: [mark('outer')] }),
        withOptions({ converters: { octal }, secretKey: 'of b', koa: { proxy: true } }, 'b'),
      ],
      converters: { hex },
      middleware: [mark('own')],
    })
    expect((await testClient(app).get('/1f')).text).toBe('31')
    expect(app.keys).toEqual(['of b'])
    expect(app.proxy).toBe(true)
    expect(log).toEqual(['own', 'outer'])
    const own = bootstrap(Site, {
      extensions: [withOptions({ converters: { hex }, secretKey: 'b' })],
      secretKey: 'own',
    })
    expect(own.keys).toEqual(['own'])
  })

  test('give the secret of a session', () => {
    const session = { session: { maxAge: 1000 }, converters: { hex } }
    expect(() => bootstrap(Site, { ...session, extensions: [withOptions({ secretKey: 'hush' })] })).not.toThrow()
    expect(setupError(() => bootstrap(Site, { ...session, extensions: [withOptions({})] }))).toContain(
      'needs secretKey',
    )
  })

  test('two that give the same are refused', () => {
    const extensions = [withOptions({ secretKey: 'a' }), withOptions({ secretKey: 'b' }, 'b')]
    expect(setupError(() => bootstrap(Site, { extensions, converters: { hex } }))).toBe(
      'FLASKOA_BAD_EXTENSION The extensions a and b both give the option secretKey. Give it yourself: bootstrap(App, { secretKey: … }).',
    )
  })

  test('lifecycle takes those that it has', async () => {
    const app = new Koa().use(lifecycle(Site, { extensions: [withOptions({ converters: { hex } })] }))
    expect((await testClient(app).get('/a')).text).toBe('10')
    expect(setupError(() => lifecycle(Site, { extensions: [withOptions({ logger: false })] }))).toContain(
      "the extension a: options in lifecycle has no option 'logger'.",
    )
  })
})

const mark =
  (text: string): Koa.Middleware =>
  (_, next) => {
    log.push(text)
    return next()
  }

test('an extension without a prototype', () => {
  const extension = Object.assign(Object.create(null) as object, { name: 'a' })
  expect(() => bootstrap(App, { extensions: [extension] })).not.toThrow()
})
