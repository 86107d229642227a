import type { Class } from 'flaskoa'
import { clientOf } from '../support/client'
import { compile, compilerNames, type CompilerName } from '../support/compile'
import { log, note } from '../support/log'

describe('every compiler produces the same application from the same source', () => {
  const source = `
    import {
      abort, AfterRequest, AppErrorHandler, BeforeFirstRequest, BeforeRequest, Blueprint, ErrorHandler, g, Get, Post,
      Route, TeardownRequest, UrlDefaults, urlFor, UrlValuePreprocessor,
    } from 'flaskoa'
    import { note } from './log'

    @Blueprint('/<lang>/users', { name: 'users' })
    export class Users {
      greeting = 'hello'

      @UrlValuePreprocessor takeLanguage(endpoint: string, values: Record<string, unknown>) {
        g.lang = values.lang
        delete values.lang
      }
      @UrlDefaults() addLanguage(endpoint: string, values: Record<string, unknown>) {
        values.lang ??= g.lang
      }
      @BeforeRequest guard() { note('Users.guard') }
      @Get('/<int:id>') async show({ id }: { id: number }) {
        note('Users.show ' + typeof id)
        return [this.greeting, id, g.lang, urlFor('.show', { id: 2 })]
      }
      @AppErrorHandler(404) missing(error: Error) { return 'missing: ' + error.message }
    }

    export class App {
      @BeforeFirstRequest tables() { note('tables') }
      @BeforeRequest() async load() { note('load') }
      @Route('/') @Post('/home') index() { note('index'); return 'index' }
      @Get('/fail') fail() { throw new RangeError('no') }
      @ErrorHandler(RangeError) failed(error: RangeError) { return 'failed: ' + error.message }
      @AfterRequest() after(response: unknown) { note('after'); return response }
      @TeardownRequest teardown(error?: Error) { note('teardown ' + error) }
    }
  `

  test.each(compilerNames)('%s', async compiler => {
    const { App, Users } = compile(source, compiler, { './log': { note } }) as { App: Class; Users: Class }
    const client = clientOf(App, { blueprints: [Users] })
    const answers = [
      await client.get('/'),
      await client.post('/home'),
      await client.get('/de/users/1'),
      await client.get('/fail'),
      await client.get('/nowhere'),
    ]
    expect(answers.map(({ text }) => text)).toEqual([
      'index',
      'index',
      '["hello",1,"de","/de/users/2"]',
      'failed: no',
      'missing: Not Found',
    ])
    const around = (...inside: string[]) => ['load', ...inside, 'after', 'teardown undefined']
    expect(log).toEqual([
      'tables',
      ...around('index'),
      ...around('index'),
      ...around('Users.guard', 'Users.show number'),
      ...around(),
      ...around(),
    ])
  })
})

describe('classes of different compilers extend each other', () => {
  const baseSource = `
    import { BeforeRequest, Get, TeardownRequest } from 'flaskoa'
    import { note } from './log'
    export class Base {
      @BeforeRequest first() { note('Base.first') }
      @BeforeRequest replaced() { note('Base.replaced') }
      @BeforeRequest overridden() { note('Base.overridden') }
      @BeforeRequest last() { note('Base.last') }
      @TeardownRequest silenced() { note('Base.silenced') }
      @Get('/') index() { return 'Base.index' }
    }
  `
  const subSource = `
    import { BeforeRequest, Get } from 'flaskoa'
    import { note } from './log'
    import { Base } from './base'
    export class Sub extends Base {
      @BeforeRequest added() { note('Sub.added') }
      @BeforeRequest() replaced() { note('Sub.replaced') }
      overridden() { note('Sub.overridden') }
      @Get('/silenced') silenced() { return 'Sub.silenced' }
    }
    export class Undecorated extends Sub {}
  `
  const pairs = compilerNames.flatMap(base => compilerNames.map((sub): [CompilerName, CompilerName] => [base, sub]))

  test.each(pairs)('base by %s, subclass by %s', async (base, sub) => {
    const bases = compile(baseSource, base, { './log': { note } })
    const { Sub, Undecorated } = compile(subSource, sub, { './log': { note }, './base': bases })
    for (const controller of [Sub, Undecorated]) {
      const client = clientOf(controller as Class)
      expect((await client.get('/')).text).toBe('Base.index')
      expect((await client.get('/silenced')).text).toBe('Sub.silenced')
      const hooks = ['Base.first', 'Sub.replaced', 'Sub.overridden', 'Base.last', 'Sub.added']
      expect(log.splice(0)).toEqual([...hooks, ...hooks])
    }
    expect((await clientOf(bases.Base as Class).get('/')).text).toBe('Base.index')
    expect(log).toEqual(['Base.first', 'Base.replaced', 'Base.overridden', 'Base.last', 'Base.silenced'])
  })
})

describe('design:* metadata is not used', () => {
  const source = `
    import { Blueprint, Get, BeforeRequest } from 'flaskoa'
    @Blueprint('/users')
    export class Users {
      constructor(private readonly prefix: string = 'user ') {}
      @BeforeRequest guard(ctx: object) {}
      @Get('/<int:id>') show({ id }: { id: number }): string { return this.prefix + id }
    }
    export class App { @Get('/') index(): string { return '' } }
  `
  const emitting = compilerNames.filter(name => name.endsWith('design:* metadata'))

  test.each(emitting)('%s', async compiler => {
    const { App, Users } = compile(source, compiler) as { App: Class; Users: Class }
    const read = Object.getOwnPropertyDescriptor(Reflect, 'getMetadata')?.value as (...args: unknown[]) => unknown
    expect(read('design:returntype', Users.prototype, 'show')).toBe(String)

    const spies = (['getMetadata', 'getOwnMetadata', 'hasMetadata', 'hasOwnMetadata'] as const).map(name =>
      jest.spyOn(Reflect as unknown as Record<string, (key: unknown) => unknown>, name),
    )
    const client = clientOf(App, { blueprints: [Users] })
    const keys = spies.flatMap(spy => spy.mock.calls.map(([key]) => String(key)))
    spies.forEach(spy => spy.mockRestore())
    expect(keys).not.toHaveLength(0)
    expect(keys.filter(key => key.startsWith('design:'))).toEqual([])
    expect((await client.get('/users/5')).text).toBe('user 5')
  })
})
