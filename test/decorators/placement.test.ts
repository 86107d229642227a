import { BeforeRequest, bootstrap } from 'flaskoa'
import { compile, type CompilerName } from '../support/compile'
import { setupError } from '../support/setup-error'

const legacy: CompilerName[] = ['tsc, legacy', 'esbuild, legacy', 'swc, legacy']
const standard: CompilerName[] = ['tsc, standard', 'esbuild, standard', 'swc, 2022-03', 'swc, 2023-11']

/** What `bootstrap` says of a class that a compiler made. */
function refusal(source: string, compiler: CompilerName): string {
  const imports = `import { AfterRequest, BeforeRequest, ErrorHandler, Get, Route } from 'flaskoa'\n`
  return setupError(() => bootstrap(compile(imports + source, compiler).App as never))
}

const fix = 'Only instance methods can run for a request: decorate one instead.'

const classProblem = (name: string) =>
  `${name}: @BeforeRequest is on the class itself, or got it as an argument. Only instance methods can run for a ` +
  'request: decorate one instead, with @BeforeRequest or @BeforeRequest().'

describe.each([...legacy, ...standard])('%s: only methods of an instance can be decorated', compiler => {
  test.each([
    ['a static method', `@Get('/') static index() { return '' }`, 'App.index: @Get is on a static member.'],
    ['a static field', `@Get('/') static index = () => ''`, 'App.index: @Get is on a static member.'],
    ['a field', `@AfterRequest after = response => response`, 'App.after: @AfterRequest is on a field.'],
    ['a field without value', `@AfterRequest() after`, 'App.after: @AfterRequest is on a field.'],
    ['a symbol-named field', `@BeforeRequest [Symbol.for('x')]`, 'App.x: @BeforeRequest is on a field.'],
  ])('%s', (_, member, message) => {
    expect(refusal(`export class App { ${member} }`, compiler)).toBe(`FLASKOA_NOT_A_METHOD ${message} ${fix}`)
  })

  test.each(['BeforeRequest()', `Route('/x')`, 'ErrorHandler(404)'])('a class: @%s', decorator => {
    const [name] = decorator.split('(')
    expect(refusal(`@${decorator} export class App { @Get('/') index() {} }`, compiler)).toBe(
      `FLASKOA_NOT_A_METHOD App: @${name} is on the class itself. ${fix}`,
    )
  })

  test('a class: @BeforeRequest', () => {
    // The legacy dialect makes the same call for `@BeforeRequest(App)`.
    const problem = legacy.includes(compiler)
      ? classProblem('App')
      : `App: @BeforeRequest is on the class itself. ${fix}`
    expect(refusal(`@BeforeRequest export class App { @Get('/') index() {} }`, compiler)).toBe(
      `FLASKOA_NOT_A_METHOD ${problem}`,
    )
  })

  test.each([
    ['class Other {}', 'Other'],
    ['const Other = class {}', 'Other'],
    ['const Other = (() => class {})()', '(anonymous class)'],
    ['function Other() {}', 'Other'],
  ])('a decorator that gets a class as an argument, %s', (declared, name) => {
    const source = `${declared}\nexport class App { @BeforeRequest(Other) load() {} @Get('/') index() {} }`
    expect(refusal(source, compiler)).toBe(`FLASKOA_NOT_A_METHOD ${classProblem(name)}`)
  })

  test('the error names the subclass, for its own mistakes and for inherited ones', () => {
    const base = `class Base { @Get('/') static index() {} @Get('/') show() {} }`
    expect(refusal(`${base} export class App extends Base { @Get('/a') a() {} }`, compiler)).toBe(
      `FLASKOA_NOT_A_METHOD App.index: @Get is on a static member. ${fix}`,
    )
  })
})

describe.each(legacy)('%s: mistakes that only the legacy dialect permits', compiler => {
  test.each([
    ['a getter', `@Get('/') get index() { return () => '' }`, 'App.index: @Get is on an accessor.'],
    ['a setter', `@Get('/') set index(value) {}`, 'App.index: @Get is on an accessor.'],
    ['a parameter', `index(@BeforeRequest ctx) {}`, 'App.index: @BeforeRequest is on a parameter.'],
    ['a called parameter', `index(@Get('/') ctx) {}`, 'App.index: @Get is on a parameter.'],
    [
      'a parameter of the constructor',
      `constructor(@BeforeRequest() ctx) {}`,
      'App.constructor: @BeforeRequest is on a parameter.',
    ],
  ])('%s', (_, member, message) => {
    expect(refusal(`export class App { ${member} }`, compiler)).toBe(`FLASKOA_NOT_A_METHOD ${message} ${fix}`)
  })
})

describe.each(standard)('%s: mistakes that only the standard dialect permits', compiler => {
  test.each([
    ['a getter', `@Get('/') get index() { return () => '' }`, 'App.index: @Get is on a getter.'],
    ['a setter', `@Get('/') set index(value) {}`, 'App.index: @Get is on a setter.'],
    ['an accessor', `@Get('/') accessor index = () => ''`, 'App.index: @Get is on an accessor.'],
    ['a #private method', `@BeforeRequest #load() {}`, 'App.#load: @BeforeRequest is on a #private member.'],
    ['a #private field', `@BeforeRequest #load = () => {}`, 'App.#load: @BeforeRequest is on a #private member.'],
    [
      'a static #private method',
      `@BeforeRequest static #load() {}`,
      'App.#load: @BeforeRequest is on a static member.',
    ],
  ])('%s', (_, member, message) => {
    expect(refusal(`export class App { ${member} }`, compiler)).toBe(`FLASKOA_NOT_A_METHOD ${message} ${fix}`)
  })
})

test('an anonymous class is named (anonymous class)', () => {
  const [anonymous] = [class {}]
  const metadata = {}
  const decorate = BeforeRequest as unknown as (target: object, context: object) => void
  decorate(anonymous, { kind: 'class', name: undefined, metadata })
  Object.defineProperty(anonymous, Symbol.metadata, { value: metadata })
  expect(setupError(() => bootstrap(anonymous))).toBe(
    `FLASKOA_NOT_A_METHOD (anonymous class): @BeforeRequest is on the class itself. ${fix}`,
  )
})

test('a field may not take the place of a decorated method', () => {
  const source = `class Base { @Get('/') index() { return '' } } export class App extends Base { index = undefined }`
  expect(refusal(source, 'tsc, legacy')).toBe(
    'FLASKOA_NOT_A_METHOD App.index: @Get is on a method, but the instance has undefined in its place. ' +
      'Rename the field of that name, or check what the option resolve returns.',
  )
})
