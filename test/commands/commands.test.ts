import { toJsonSchema } from '@valibot/to-json-schema'
import {
  Blueprint,
  Command,
  CommandError,
  Get,
  OnShutdown,
  OnStart,
  TeardownAppContext,
  bootstrap,
  currentApp,
  decorate,
  g,
  lifecycle,
  type CommandOptions,
} from 'flaskoa'
import { testClient, testCommand } from 'flaskoa/testing'
import Koa from 'koa'
import * as v from 'valibot'
import { z } from 'zod'
import { COMMAND_NAMES } from '../../src/plan/command-names'
import { commands } from '../../src/cli/commands'
import { settled } from '../support/gate'
import { log, note } from '../support/log'

const User = z.object({
  name: z.string().min(2),
  age: z.number().optional(),
  isAdmin: z.boolean().default(false),
  tags: z.array(z.string()).default([]),
})

@Blueprint('/blog', { name: 'blog' })
class Blog {
  @Command('import', { args: ['file', 'format'] })
  load({ file, format }: { file: string; format: string }) {
    return `${file} as ${format}`
  }
}

class App {
  @OnStart()
  open() {
    note('open')
  }

  @OnShutdown()
  close() {
    note('close')
  }

  @TeardownAppContext()
  release(error: Error | undefined) {
    note(`teardown: ${error?.message ?? 'ok'}, ${g.name ?? 'no name'}`)
  }

  @Get('/')
  index() {
    return 'index'
  }

  @Command('init-db', { description: 'Makes the tables.' })
  async init(...args: never[]) {
    g.name = 'init'
    note(`init with ${args.length} arguments in ${typeof currentApp().callback}`)
    await Promise.resolve()
    console.log('tables', { made: 2 })
    return 2
  }

  @Command('create-user', { args: User, positionals: ['name', 'tags'] })
  create(user: z.output<typeof User>) {
    return user
  }

  @Command('fail')
  fail() {
    throw new RangeError('no space left')
  }

  @Command('refuse')
  refuse() {
    process.stderr.write('looking\n')
    throw new CommandError('There is no such user.', 3)
  }

  @Command('early', { start: false })
  early() {
    note('early')
  }
}

const make = () => bootstrap(App, { blueprints: [Blog], logger: false })

describe('a command', () => {
  test('runs in an application context, after the @OnStart methods and before its teardown', async () => {
    const app = make()
    expect(await testCommand(app, 'init-db')).toEqual({
      exitCode: 0,
      result: 2,
      output: 'tables { made: 2 }\n',
      stdout: 'tables { made: 2 }\n',
      stderr: '',
    })
    const start = ['open', 'teardown: ok, no name']
    expect(log).toEqual([...start, 'init with 0 arguments in function', 'teardown: ok, init'])
    // The application is still of use.
    expect((await testClient(app).get('/')).text).toBe('index')
    expect(log).not.toContain('close')
  })

  test('with start: false runs without the @OnStart methods', async () => {
    expect(await testCommand(make(), 'early')).toMatchObject({ exitCode: 0, result: undefined, output: '' })
    expect(log).toEqual(['early', 'teardown: ok, no name'])
  })

  test('of a blueprint has its name in front', async () => {
    expect(await testCommand(make(), 'blog import', ['posts.json', 'json'])).toMatchObject({
      result: 'posts.json as json',
    })
  })

  test('of a lifecycle in another application can be run, too', async () => {
    class Other {
      @Command('other') other() {
        return 'other'
      }
    }
    const app = new Koa().use(lifecycle(App)).use(lifecycle(Other))
    expect((await testCommand(app, 'early')).exitCode).toBe(0)
    expect((await testCommand(app, 'other')).result).toBe('other')
  })

  test('that throws rejects, after the teardown has had the error', async () => {
    await expect(testCommand(make(), 'fail')).rejects.toThrow(new RangeError('no space left'))
    expect(log).toEqual(['open', 'teardown: ok, no name', 'teardown: no space left, no name'])
  })

  test('that throws a CommandError ends with its exit code and message', async () => {
    expect(await testCommand(make(), 'refuse')).toEqual({
      exitCode: 3,
      result: undefined,
      output: 'looking\nThere is no such user.\n',
      stdout: '',
      stderr: 'looking\nThere is no such user.\n',
    })
    expect(new CommandError('x')).toMatchObject({ exitCode: 1, name: 'CommandError' })
  })

  test('ends with exit code 1 if its teardown fails, and the error is reported', async () => {
    class Failing {
      @Command('run') run() {
        return 'ran'
      }
      @TeardownAppContext() release() {
        throw new Error('commit failed')
      }
    }
    const app = bootstrap(Failing, { logger: false })
    app.on('error', (error: Error) => note(error.message))
    expect(await testCommand(app, 'run')).toMatchObject({ exitCode: 1, result: 'ran' })
    expect(log).toEqual(['commit failed'])
  })

  test('does not run if an @OnStart method fails', async () => {
    class Broken {
      @OnStart() open() {
        throw new Error('no database')
      }
      @Command('run') run() {
        note('run')
      }
    }
    await expect(testCommand(bootstrap(Broken), 'run')).rejects.toMatchObject({ name: 'StartError' })
    expect(log).toEqual([])
  })
})

describe('arguments', () => {
  const create = (...args: string[]) => testCommand(make(), 'create-user', args)

  test('are texts, numbers, booleans and lists as the schema wants them', async () => {
    expect((await create('ann')).result).toEqual({ name: 'ann', isAdmin: false, tags: [] })
    const { result } = await create('--age', '40', 'ann', '--is-admin', 'a', 'b')
    expect(result).toEqual({ name: 'ann', age: 40, isAdmin: true, tags: ['a', 'b'] })
    expect((await create('ann', '--no-is-admin', '--age=-1', '--', '--b')).result).toEqual({
      ...{ name: 'ann', age: -1, isAdmin: false, tags: ['--b'] },
    })
  })

  test.each([
    [['--is-admn'], "There is no option --is-admn. Did you mean '--is-admin'? See flaskoa create-user --help.\n"],
    [['--age'], "Option '--age <value>' argument missing See flaskoa create-user --help.\n"],
    [[], 'NAME is missing.\nSee flaskoa create-user --help.\n'],
    [
      ['a', '--age', 'old'],
      'NAME: Too small: expected string to have >=2 characters\n' +
        '--age: Invalid input: expected number, received string\nSee flaskoa create-user --help.\n',
    ],
  ])('that are wrong, as in %j, are exit code 2', async (args, stderr) => {
    expect(await create(...args)).toMatchObject({ exitCode: 2, stderr, stdout: '' })
    expect(log).toEqual([])
  })

  test('behind -- are no options', async () => {
    class App {
      @Command('show', { args: ['first', 'second'] }) show(values: object) {
        return values
      }
    }
    const app = bootstrap(App)
    expect(await testCommand(app, 'show', ['--', '-h', '--help'])).toMatchObject({
      exitCode: 0,
      result: { first: '-h', second: '--help' },
    })
    expect(await testCommand(app, 'show', ['-h', '--', 'a', 'b'])).toMatchObject({ exitCode: 2 })
  })

  test('by name are counted', async () => {
    const call = (...args: string[]) => testCommand(make(), 'blog import', args)
    expect(await call('a')).toMatchObject({
      exitCode: 2,
      stderr: 'FORMAT is missing.\nSee flaskoa blog import --help.\n',
    })
    expect((await call('a', 'b', 'c', 'd')).stderr).toContain('There is an argument too many: c d.')
    expect(await testCommand(make(), 'init-db', ['x'])).toMatchObject({ exitCode: 2 })
  })

  test('are checked by asynchronous schemas, too, and as a whole', async () => {
    const args = z
      .object({
        id: z.string().refine(async id => Promise.resolve(id === '1'), 'is taken'),
        min: z.number(),
        max: z.number(),
      })
      .refine(({ min, max }) => min <= max, 'min is above max')
    class Site {
      @Command('get', { args }) get(values: z.output<typeof args>) {
        return values
      }
    }
    const app = bootstrap(Site)
    expect((await testCommand(app, 'get', ['--id', '2', '--min', '1', '--max', '2'])).stderr).toContain(
      '--id: is taken\n',
    )
    expect((await testCommand(app, 'get', ['--id', '1', '--min', '3', '--max', '2'])).stderr).toMatch(
      /^min is above max\n/,
    )
    expect((await testCommand(app, 'get', ['--id', '1', '--max', '2', '--min', '1'])).result).toEqual({
      id: '1',
      min: 1,
      max: 2,
    })
    expect((await testCommand(app, 'get')).stderr).toContain('--id is missing.\n--min is missing.\n--max is missing.\n')
  })

  test('are those of a schema of valibot, with its converter', async () => {
    const args = v.object({ count: v.number(), tags: v.optional(v.array(v.string())) })
    class Site {
      @Command('get', { args }) get(values: v.InferOutput<typeof args>) {
        return values
      }
    }
    const { result } = await testCommand(bootstrap(Site, { toJsonSchema }), 'get', [
      '--count',
      '3',
      '--tags',
      'a',
      '--tags',
      'b',
    ])
    expect(result).toEqual({ count: 3, tags: ['a', 'b'] })
  })
})

test('a schema whose names may all be left out is fine without any', async () => {
  class Site {
    @Command('get', { args: z.object({ id: z.string().optional() }) }) get(values: { id?: string | undefined }) {
      return values
    }
  }
  expect((await testCommand(bootstrap(Site), 'get')).result).toEqual({})
})

describe('output', () => {
  test('of commands that run at once is kept apart, and all other is printed as always', async () => {
    const lines: string[] = []
    const write = jest.spyOn(process.stdout, 'write').mockImplementation(text => Boolean(lines.push(String(text))))
    const info = jest.spyOn(console, 'info').mockImplementation()
    const before = globalThis.console
    let isOpen = false
    class Site {
      @Command('one') async one() {
        console.log('one')
        await new Promise<void>(resolve => {
          process.stdout.write(Buffer.from('bytes\n'), () => resolve())
        })
        while (!isOpen) await settled()
        console.error('one again')
      }
      @Command('two') two() {
        console.warn('two')
      }
    }
    const app = bootstrap(Site)
    const running = testCommand(app, 'one')
    expect(await testCommand(app, 'two')).toMatchObject({ stdout: '', stderr: 'two\n' })
    process.stdout.write('elsewhere\n')
    console.info('elsewhere')
    isOpen = true
    expect(await running).toMatchObject({
      stdout: 'one\nbytes\n',
      stderr: 'one again\n',
      output: 'one\nbytes\none again\n',
    })
    expect(lines).toEqual(['elsewhere\n'])
    expect(info).toHaveBeenCalledWith('elsewhere')
    expect(globalThis.console).toBe(before)
    write.mockRestore()
    info.mockRestore()
  })
})

test('process.exitCode of a command is its own, and not that of the tests', async () => {
  class Codes {
    @Command('code') code() {
      process.exitCode = '5'
    }

    @Command('none') none() {
      return process.exitCode
    }
  }
  const app = bootstrap(Codes)
  process.exitCode = 7
  expect((await testCommand(app, 'code')).exitCode).toBe(5)
  expect(await testCommand(app, 'none')).toMatchObject({ exitCode: 0, result: undefined })
  expect(process.exitCode).toBe(7)
  process.exitCode = undefined
})

test('commands that run at the same time have their own context and output', async () => {
  class Numbers {
    @Command('print', { args: ['number'] }) async print({ number }: { number: string }) {
      Object.assign(g, { number })
      for (let line = 0; line < 3; line++) {
        await new Promise(setImmediate)
        console.log((g as { number?: string }).number)
      }
    }
  }
  const app = bootstrap(Numbers)
  const results = await Promise.all(['1', '2', '3'].map(number => testCommand(app, 'print', [number])))
  expect(results.map(({ output }) => output)).toEqual(['1\n1\n1\n', '2\n2\n2\n', '3\n3\n3\n'])
})

test.each([0, 256, -1, 1.5, Number.NaN, '3' as never])('the exit code of a CommandError can not be %p', exitCode => {
  expect(() => new CommandError('There is no such user.', exitCode)).toThrow(
    'CommandError: the exit code must be a whole number from 1 to 255, not ',
  )
})

describe('testCommand refuses', () => {
  test('an unknown command', async () => {
    await expect(testCommand(make(), 'init-bd')).rejects.toThrow(
      "testCommand: the application has no command 'init-bd'. Did you mean 'init-db'? " +
        'It has: init-db, create-user, fail, refuse, early, blog import.',
    )
    await expect(testCommand(make(), 'init-db x')).rejects.toThrow('has no command')
    class Bare {
      @Get('/') index() {
        return ''
      }
    }
    await expect(testCommand(bootstrap(Bare), 'x')).rejects.toThrow("has no command 'x'. It has none.")
  })

  test('what is no list of texts, and no application', async () => {
    await expect(testCommand(make(), 'init-db', '--x' as never)).rejects.toThrow(
      `testCommand: the arguments must be a list of texts, such as ['--admin'], not "--x"`,
    )
    await expect(testCommand(make(), 1 as never)).rejects.toThrow("the name must be a text, such as 'init-db', not 1")
    await expect(testCommand(make(), 'init-db', [1] as never)).rejects.toThrow('must be a list of texts')
    await expect(testCommand({} as Koa, 'init-db')).rejects.toThrow('testCommand needs an application')
  })
})

describe('set-up', () => {
  /** Bootstraps an application with commands of these options. */
  const withCommands = (...given: (readonly [string, CommandOptions?])[]) => {
    class Site {
      one() {
        return 1
      }
      two() {
        return 2
      }
    }
    const [one, two] = given.map(([name, options = {}]) => Command(name, options as never))
    decorate(Site, { one: one as never, ...(two && { two: two as never }) })
    return bootstrap(Site)
  }
  const options = (options: object) => () => withCommands(['x', options])
  const object = z.object({ name: z.string(), all: z.array(z.string()), isNew: z.boolean() })

  test.each<[string, () => unknown, string]>([
    [
      'the name of a command of flaskoa',
      () => withCommands(['routes']),
      "Site.one: flaskoa has a command 'routes' of its own. Rename this one.",
    ],
    ['a name twice', () => withCommands(['x'], ['x']), "Site.two: Site.one is the command 'x' as well. Rename one."],
    [
      'an option that does not exist',
      options({ arg: [] }),
      "Site.one: @Command has no option 'arg'. Did you mean 'args'?",
    ],
    [
      'args of the wrong type',
      options({ args: 'name' }),
      'Site.one: @Command: args must be a schema of an object, or a list of names, not "name".',
    ],
    ['a name with a space', options({ args: ['the name'] }), 'args must be a schema of an object, or a list of names'],
    [
      'positionals without a schema',
      options({ args: ['name'], positionals: ['name'] }),
      'positionals is for args with a schema',
    ],
    ['positionals without args', options({ positionals: ['name'] }), 'positionals is for args with a schema'],
    [
      'an unknown positional',
      options({ args: object, positionals: ['nme'] }),
      'positionals has nme, which the schema of args does not have.',
    ],
    [
      'a list that is not the last',
      options({ args: object, positionals: ['all', 'name'] }),
      'all is a list, and takes all arguments from there on: put it last in positionals.',
    ],
    [
      'a schema of a text',
      options({ args: z.string() }),
      'args must be the schema of an object that has a JSON Schema. It has no properties.',
    ],
    [
      'a schema without a JSON Schema',
      options({ args: v.object({}) }),
      'Pass a function that makes one to bootstrap: { toJsonSchema }.',
    ],
    [
      'an option of flaskoa',
      options({ args: z.object({ app: z.string() }) }),
      'app is typed --app, which is an option of flaskoa itself. Rename it.',
    ],
    [
      'two names that are typed the same',
      options({ args: z.object({ firstName: z.string(), first_name: z.string() }) }),
      'first_name is typed --first-name, which is an option of firstName.',
    ],
    [
      'a name that negates another',
      options({ args: object.extend({ noIsNew: z.string() }) }),
      'noIsNew is typed --no-is-new, which is an option of isNew.',
    ],
  ])('refuses %s', (_, call, message) => {
    expect(call).toThrow(expect.objectContaining({ message: expect.stringContaining(message) as string }))
  })

  test('refuses a blueprint with commands that has the name of a command', () => {
    @Blueprint('/routes', { name: 'routes' })
    class Routes {
      @Command('run') run() {
        return ''
      }
    }
    expect(() => bootstrap(App, { blueprints: [Routes] })).toThrow(
      "Routes.run: 'routes' is a command of flaskoa itself. Rename the blueprint.",
    )
    class Site {
      @Command('blog') blog() {
        return ''
      }
    }
    expect(() => bootstrap(Site, { blueprints: [Blog] })).toThrow(
      "Blog.load: Site.blog is the command 'blog'. Rename one.",
    )
  })

  test('knows the names of flaskoa itself', () => {
    expect([...COMMAND_NAMES].sort()).toEqual(commands.map(({ name }) => name).sort())
  })
})
