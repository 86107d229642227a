import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { toJsonSchema } from '@valibot/to-json-schema'
import { Command, Get, SetupError, bootstrap, currentApp, lifecycle, withAppContext } from 'flaskoa'
import { renderTemplateString, templates } from 'flaskoa/templates'
import { config } from 'flaskoa/config'
import { testClient, testCommand } from 'flaskoa/testing'
import Koa from 'koa'
import * as v from 'valibot'
import { z } from 'zod'
import { project, removeProjects } from '../cli/support'

afterAll(removeProjects)

/** No files, and an environment of the test's own. */
const from = (env: Record<string, string | undefined>) => ({ env, files: [] })

/** The message of the SetupError that a call throws. */
function problem(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    expect(error).toBeInstanceOf(SetupError)
    return (error as Error).message
  }
  throw new Error('no error')
}

const Settings = z.object({
  PORT: z.number().int().default(5000),
  DEBUG: z.boolean().default(false),
  HOSTS: z.array(z.string()).default([]),
  SECRET_KEY: z.string().min(16),
})

const SECRET = 'correct horse battery staple'

describe('values', () => {
  test('are texts, numbers, booleans and lists as the schema wants them', () => {
    const { values } = config(
      Settings,
      from({ PORT: '8080', DEBUG: 'true', HOSTS: 'a.example, b.example', SECRET_KEY: SECRET, PATH: '/bin' }),
    )
    expect({ ...values }).toEqual({
      PORT: 8080,
      DEBUG: true,
      HOSTS: ['a.example', 'b.example'],
      SECRET_KEY: SECRET,
    })
  })

  test('that are missing or empty have their default', () => {
    const { values } = config(Settings, from({ PORT: '', SECRET_KEY: SECRET, HOSTS: undefined }))
    expect({ ...values }).toMatchObject({ PORT: 5000, DEBUG: false, HOSTS: [] })
  })

  test('are those of process.env by default', () => {
    process.env.FLASKOA_TEST_VALUE = 'here'
    try {
      expect(config(z.object({ FLASKOA_TEST_VALUE: z.string() })).values.FLASKOA_TEST_VALUE).toBe('here')
    } finally {
      delete process.env.FLASKOA_TEST_VALUE
    }
  })

  test('have a prefix in the environment, if one is given', () => {
    const { values } = config(z.object({ PORT: z.number() }), {
      ...from({ SHOP_PORT: '1', PORT: '2' }),
      prefix: 'SHOP_',
    })
    expect(values.PORT).toBe(1)
  })

  test('of a schema of valibot are numbers with its converter, and texts without', () => {
    const schema = v.object({ PORT: v.optional(v.number(), 5000), NAME: v.string() })
    expect(config(schema, { ...from({ PORT: '80', NAME: '80' }), toJsonSchema }).values).toMatchObject({
      PORT: 80,
      NAME: '80',
    })
    expect(problem(() => config(schema, from({ PORT: '80', NAME: '80' })))).toContain(
      "config: the schema: 'PORT' is a number, but arrives as a text, and the schema has no JSON Schema that says what texts become. " +
        "Import toJsonSchema from '@valibot/to-json-schema' and pass it to config: { toJsonSchema }.",
    )
    const texts = config(v.object({ NAME: v.string() }), from({ NAME: 'shop', OTHER: 'x' })).values
    expect({ ...texts }).toEqual({ NAME: 'shop' })
  })

  test('never change', () => {
    const { values } = config(Settings, from({ SECRET_KEY: SECRET }))
    expect(() => Object.assign(values, { PORT: 1 })).toThrow(TypeError)
    expect(values.PORT).toBe(5000)
  })
})

describe('files', () => {
  const Names = z.object({ A: z.string(), B: z.string(), C: z.string(), D: z.string(), E: z.string().default('none') })
  const folder = project({
    '.env': '\uFEFFA=1\nB=1 # a comment\nC="1"\nD=1\n',
    '.env.development': "B='2'\nC=2\nD=2",
    '.env.local': 'C=3\nD=3\nE=3\n',
    '.env.development.local': 'D=4',
    '.env.test': 'B=5\nC=5\n',
  })
  const read = (env: Record<string, string>) => ({ ...config(Names, { folder, env }).values })

  test('come behind the environment, the more special first', () => {
    expect(read({})).toEqual({ A: '1', B: '2', C: '3', D: '4', E: '3' })
    expect(read({ NODE_ENV: '', A: '0', D: '0' })).toEqual({ A: '0', B: '2', C: '3', D: '0', E: '3' })
    expect(read({ NODE_ENV: 'production' })).toEqual({ A: '1', B: '1', C: '3', D: '3', E: '3' })
  })

  test('of tests are without .env.local', () => {
    expect(read({ NODE_ENV: 'test' })).toEqual({ A: '1', B: '5', C: '5', D: '1', E: 'none' })
  })

  test('are those that the option names, which must be there', () => {
    const files = ['.env.test', '.env']
    expect({ ...config(Names, { folder, env: {}, files }).values }).toMatchObject({ A: '1', B: '5', C: '5' })
    expect(problem(() => config(Names, { folder, env: {}, files: ['.env.prod'] }))).toContain(
      `config: the file ${join(folder, '.env.prod')} can't be read: ENOENT`,
    )
  })

  test('that can not be read are a SetupError', () => {
    const broken = project({})
    mkdirSync(join(broken, '.env'))
    expect(problem(() => config(Names, { folder: broken, env: {} }))).toContain("/.env can't be read: EISDIR")
  })

  test('are in the working folder by default', () => {
    const there = project({ '.env': 'A=there' })
    const before = process.cwd()
    process.chdir(there)
    try {
      expect(config(z.object({ A: z.string() }), { env: {} }).values.A).toBe('there')
    } finally {
      process.chdir(before)
    }
  })
})

describe('problems', () => {
  test('are all named at once, with the place of each value and without any value', () => {
    const folder = project({})
    writeFileSync(join(folder, '.env.local'), 'PORT=eighty-eighty\n')
    const schema = Settings.extend({ MODE: z.enum(['fast', 'slow']).optional(), URL: z.string(), NUMBER: z.number() })
    const env = { SECRET_KEY: 'hunter2', MODE: 'medium', NUMBER: '' }
    expect(problem(() => config(schema, { folder, env }))).toBe(
      [
        'The configuration has 5 problems:',
        '  PORT, from .env.local: Invalid input: expected number, received string',
        '  SECRET_KEY, from the environment: Too small: expected string to have >=16 characters',
        '  MODE, from the environment: Invalid option: expected one of "fast"|"slow"',
        '  URL is not set',
        '  NUMBER, from the environment, is empty',
        `The files that were read are .env.local in ${folder}.`,
      ].join('\n'),
    )
  })

  test('name the files that are not there', () => {
    const folder = project({})
    expect(problem(() => config(z.object({ A: z.string() }), { folder, env: {}, prefix: 'X_' }))).toBe(
      `The configuration has a problem:\n  X_A is not set\n` +
        `There is no file .env.development.local, .env.local, .env.development, .env in ${folder}.`,
    )
    expect(problem(() => config(z.object({ A: z.string() }), from({})))).toContain(
      'No files are read: the option files is empty.',
    )
  })

  test('that libraries and authors describe with the value are shown without it', () => {
    const secret = 'postgres://ann:hunter2@db.example/shop'
    const shown = (schema: Parameters<typeof config>[0], env: Record<string, string>) =>
      problem(() => config(schema, from(env)))
    const valibot = shown(v.object({ URL: v.pipe(v.string(), v.minLength(99)), N: v.literal('a') }), {
      URL: secret,
      N: 'hunter2',
    })
    expect(valibot).toContain('Invalid length: Expected >=99 but received 38')
    expect(valibot).toContain('Invalid type: Expected "a" but received "[hidden]"')
    const own = z
      .object({ URL: z.string(), N: z.number() })
      .refine(() => false, { path: ['URL'], error: ({ input }) => `can't use ${(input as { URL: string }).URL}!` })
      .refine(() => false, {
        error: ({ input }) => `${(input as { URL: string }).URL.slice(0, 20)}… and ${(input as { N: number }).N}`,
      })
    const text = shown(own, { URL: secret, N: '7e0' })
    expect(text).toContain("URL, from the environment: can't use [hidden]!")
    expect(text).toContain('[hidden]… and [hidden]')
    const parsed = z.object({
      JSON: z.string().transform((given, ctx) => {
        try {
          return JSON.parse(given) as unknown
        } catch (error) {
          ctx.addIssue((error as Error).message)
          return z.NEVER
        }
      }),
    })
    expect(shown(parsed, { JSON: 'hunter2hunter2hunter2' })).not.toMatch(/hunter2/)
  })

  test('have what the schema says of the variable', () => {
    const schema = z.object({ SECRET_KEY: z.string().describe('openssl rand -hex 32') })
    expect(problem(() => config(schema, from({})))).toContain('  SECRET_KEY is not set (openssl rand -hex 32)\n')
  })

  test('of the whole have no name', () => {
    const schema = v.pipe(
      v.object({ A: v.string() }),
      v.check(() => false, 'A and B exclude each other'),
    )
    expect(problem(() => config(schema, from({ A: 'a' })))).toContain('  A and B exclude each other\n')
  })

  test('of a place inside of a value name the place', () => {
    const schema = z.object({ HOSTS: z.array(z.string().min(3)) })
    expect(problem(() => config(schema, from({ HOSTS: 'abc,d' })))).toContain(
      'HOSTS.1, from the environment: Too small',
    )
  })

  test('of an optional value that another one needs are shown', () => {
    const schema = z
      .object({ CERT: z.string().optional(), KEY: z.string().optional() })
      .refine(({ CERT, KEY }) => CERT === undefined || KEY !== undefined, { path: ['KEY'], error: 'CERT needs it' })
    expect(problem(() => config(schema, from({ CERT: 'cert' })))).toContain('  KEY: CERT needs it')
  })

  test('that are thrown by the schema are shown without their message', () => {
    const throws = (thrown: unknown) =>
      z.object({
        A: z.string().transform(() => {
          throw thrown
        }),
      })
    const message = problem(() => config(throws(new TypeError(SECRET)), from({ A: 'a' })))
    expect(message).toContain("config: the schema's own code failed: TypeError.")
    try {
      config(throws(new TypeError(SECRET)), from({ A: 'a' }))
    } catch (error) {
      expect(inspect(error)).not.toContain(SECRET)
      expect((error as Error).stack).toMatch(/at .*config\.test\.ts/)
    }
    expect(problem(() => config(throws(SECRET), from({ A: 'a' })))).toContain('failed: a string that it threw.')
    const bare = Object.assign(new Error(SECRET), { stack: undefined })
    expect(problem(() => config(throws(bare), from({ A: 'a' })))).toContain('failed: Error.')
  })

  test.each([
    [z.object({ A: z.string().refine(async () => Promise.resolve(true)) }), 'config: the schema is asynchronous'],
    [
      v.pipeAsync(
        v.object({}),
        v.checkAsync(() => Promise.reject(new Error(SECRET))),
      ),
      'config: the schema is asynchronous',
    ],
    [z.object({}).transform(() => 'text'), 'config: the schema must make an object'],
    [{}, 'config: the first argument must be a schema of a library of Standard Schema'],
  ])('are schemas that can not work, too', (schema, message) => {
    expect(problem(() => config(schema as never, from({ A: 'a' })))).toContain(message)
  })

  test.each([
    [{ file: ['.env'] }, "config has no option 'file'. Did you mean 'files'?"],
    [{ files: '.env' }, 'config: the option files must be a list of texts, not ".env".'],
    [{ override: { PORTS: 1 } }, "config: override has PORTS, which the schema does not have. Did you mean 'PORT'?"],
  ])('are wrong options, too: %j', (options, message) => {
    expect(problem(() => config(Settings, options as never))).toContain(message)
  })

  test('are names of override for a schema without names, too', () => {
    expect(problem(() => config(z.object({}), { override: { A: 1 } as never }))).toBe(
      'config: override has A, which the schema does not have.',
    )
  })
})

describe('override', () => {
  test('comes before all, and may be texts or what the schema wants', () => {
    const override = { PORT: 1, SECRET_KEY: SECRET, HOSTS: ['a'] }
    const { values } = config(Settings, { ...from({ PORT: '2', SECRET_KEY: 'x' }), override, prefix: 'X_' })
    expect({ ...values }).toMatchObject(override)
    expect(config(z.object({ A: z.number() }), { ...from({}), override: { A: '3' as never } }).values.A).toBe(3)
  })

  test('is checked', () => {
    expect(problem(() => config(Settings, { ...from({}), override: { SECRET_KEY: 'short' } }))).toContain(
      'SECRET_KEY, from the option override: Too small',
    )
  })

  test('is for schemas without a JSON Schema, too', () => {
    const schema = v.object({ A: v.string() })
    expect(config(schema, { ...from({ A: 'x' }), override: { A: 'y' } }).values.A).toBe('y')
  })
})

describe('nothing is printed', () => {
  const schema = z.object({ SECRET_KEY: z.string(), LIST: z.array(z.string()), NOTHING: z.null().default(null) })
  const settings = config(schema, {
    ...from({ SECRET_KEY: SECRET, LIST: SECRET }),
    options: values => ({ secretKey: values.SECRET_KEY }),
  })
  class Shop {
    @Get('/')
    index() {
      return ''
    }
  }
  const app = bootstrap(Shop, { extensions: [settings] })

  test('by inspect, console.log and console.dir', () => {
    expect(inspect(settings.values)).toBe('Config { SECRET_KEY: [string], LIST: [list], NOTHING: [null] }')
    expect(inspect(settings)).toBe('Configuration Config { SECRET_KEY: [string], LIST: [list], NOTHING: [null] }')
    for (const value of [settings, settings.values, { settings }, [settings.values], settings.templateGlobals])
      for (const options of [{}, { customInspect: false }, { depth: 9, customInspect: false }])
        expect(inspect(value, options)).not.toContain('horse')
    expect(inspect(app)).not.toContain('horse')
  })

  test('by JSON', () => {
    expect(JSON.stringify(settings.values)).toBe('{"SECRET_KEY":"[string]","LIST":"[list]","NOTHING":"[null]"}')
    expect(JSON.stringify({ settings, app })).not.toContain('horse')
  })
})

describe('the messages of secrets', () => {
  const reversed = (text: string) => [...text].reverse().join('')
  const Secret = z
    .object({
      KEY: z
        .string()
        .refine(() => false, { error: ({ input }) => `${reversed(String(input))} is the wrong way round` }),
      PORT: z.number(),
    })
    .superRefine(({ KEY }, context) => {
      context.addIssue({ code: 'custom', message: `together: ${reversed(KEY)}` })
    })
  const env = { KEY: 'swordfish', PORT: '5000' }

  test('are what the schema says, without the values themselves', () => {
    expect(problem(() => config(Secret, from(env)))).toContain(`KEY, from the environment: ${reversed('swordfish')}`)
  })

  test('are left out for the names of the option secrets, and so are those of the whole', () => {
    const text = problem(() => config(Secret, { ...from(env), secrets: ['KEY'] }))
    expect(text).toContain(
      'KEY, from the environment: it is wrong. The message is left out, because of the option secrets',
    )
    expect(text).not.toContain(reversed('swordfish'))
    const Whole = z
      .object({ KEY: z.string() })
      .refine(() => false, { error: ({ input }) => JSON.stringify(input) + '!' })
    expect(problem(() => config(Whole, { ...from({ KEY: 'x' }), secrets: ['KEY'] }))).toContain(
      '  a value is wrong. The message is left out, because of the option secrets',
    )
  })

  test('stay for other names, and for those that are not set', () => {
    const text = problem(() => config(Secret, { ...from({ PORT: 'x' }), secrets: ['KEY'] }))
    expect(text).toContain('KEY is not set')
    expect(text).toContain('PORT, from the environment: Invalid input')
  })

  test('a name that the schema does not have is refused', () => {
    expect(problem(() => config(Secret, { ...from(env), secrets: ['KEYS'] }))).toContain(
      "secrets has KEYS, which the schema does not have. Did you mean 'KEY'?",
    )
  })

  test('a schema that does not say its names takes any', () => {
    const unknown = {
      '~standard': {
        version: 1 as const,
        vendor: 'own',
        validate: () => ({ issues: [{ message: 'swordfish', path: ['KEY'] }] }),
      },
    }
    expect(problem(() => config(unknown, { ...from({ KEY: 'x' }), secrets: ['KEY'] }))).not.toContain('swordfish')
  })
})

describe('without the extension, what reads the configuration is told to add it', () => {
  const message = 'Add the extension of flaskoa/config: bootstrap(App, { extensions: [config(schema)] }).'
  class App {
    @Get('/')
    index() {
      return String((currentApp().config as Record<string, unknown>).PORT)
    }

    @Get('/page')
    page() {
      return renderTemplateString('{{ config.PORT }}')
    }

    @Get('/item')
    item() {
      return renderTemplateString("{{ config['PORT'] }}")
    }

    @Command('show')
    show() {
      return String((currentApp().config as Record<string, unknown>).PORT)
    }
  }
  const createApp = () => bootstrap(App, { logger: false, extensions: [templates({ folders: [] })] })

  test.each(['/', '/page', '/item'])('a request to %s', async path => {
    await expect(testClient(createApp(), { propagateExceptions: true }).get(path)).rejects.toThrow(message)
  })

  test('a command', async () => {
    await expect(testCommand(createApp(), 'show')).rejects.toThrow(message)
  })

  test('a test, by the application and by currentApp()', async () => {
    const app = createApp()
    await expect(withAppContext(app, () => currentApp().config)).rejects.toThrow(message)
    expect(() => app.config).toThrow(message)
  })

  test('a template may ask whether it is there', async () => {
    expect(await withAppContext(createApp(), () => renderTemplateString('{{ config is defined }}'))).toBe('False')
  })

  test('an application may have a config of its own', async () => {
    const app = createApp()
    Object.assign(app, { config: { PORT: 1 } })
    expect((await testClient(app).get('/')).text).toBe('1')
    class Other extends Koa {
      readonly config = { PORT: 2 }
    }
    const other = new Other()
    other.use(lifecycle(App, { extensions: [templates({ folders: [] })] }))
    expect((await testClient(other).get('/')).text).toBe('2')
  })
})

describe('the extension', () => {
  class App {
    @Get('/')
    index() {
      return `${currentApp().config.greeting} from ${currentApp().config.port}`
    }
  }
  const Greeting = z.object({
    greeting: z.string(),
    port: z.number().default(1),
    secretKey: z.string().default('k'.repeat(32)),
  })
  const createApp = (override = {}) => {
    const settings = config(Greeting, {
      ...from({ greeting: 'hello' }),
      override,
      options: ({ secretKey }) => ({ secretKey, baseUrl: 'http://a.example' }),
    })
    return bootstrap(App, { extensions: [settings] })
  }

  test('gives currentApp().config, and app.config', async () => {
    const app = createApp()
    expect((await testClient(app).get('/')).text).toBe('hello from 1')
    expect(app.config.greeting).toBe('hello')
    expect(await withAppContext(app, () => currentApp().config.port)).toBe(1)
    expect((await testClient(createApp({ greeting: 'good bye' })).get('/')).text).toBe('good bye from 1')
  })

  test('gives options of bootstrap', () => {
    expect(createApp({ secretKey: 's'.repeat(32) }).keys).toEqual(['s'.repeat(32)])
  })

  test('gives templates the variable config', () => {
    const settings = config(Greeting, from({ greeting: 'hello' }))
    expect(settings.templateGlobals).toEqual({ config: settings.values })
    expect(settings.options).toBeUndefined()
  })

  test('is there once', () => {
    const one = config(Greeting, from({ greeting: 'hello' }))
    expect(problem(() => bootstrap(App, { extensions: [one, one] }))).toContain("the name 'config'")
  })
})
