import { BeforeRequest, Blueprint, decorate, g, Get, withAppContext, type Context } from 'flaskoa'
import {
  AppContextProcessor,
  ContextProcessor,
  renderTemplateString,
  TemplateFilter,
  templateFunction,
  TemplateGlobal,
  TemplateTest,
} from 'flaskoa/templates'
import { testClient } from 'flaskoa/testing'
import { log, note } from '../support/log'
import { setupError } from '../support/setup-error'
import { appOf } from './support'

const SOURCE = '{{ a }}{{ b }}{{ c }}{{ d }}'

test('context processors: of the application, then of the blueprints, under the values of the view', async () => {
  @Blueprint('/inner', { name: 'inner' })
  class Inner {
    @ContextProcessor inner() {
      note('inner')
      return { c: 'inner' }
    }
    @Get('/') index() {
      return renderTemplateString(SOURCE, { d: 'view' })
    }
  }
  @Blueprint('/outer', { name: 'outer', blueprints: [Inner] })
  class Outer {
    @ContextProcessor() outer(ctx: Context | undefined) {
      note(`outer ${ctx?.path ?? ''}`)
      return { b: 'outer', c: 'outer', d: 'outer' }
    }
    @AppContextProcessor everywhere() {
      note('everywhere')
      return { a: 'every' }
    }
    @Get('/') index() {
      return renderTemplateString(SOURCE)
    }
  }
  class App {
    readonly #name = 'app'
    @BeforeRequest load() {
      Object.assign(g, { user: 'Ann' })
    }
    @ContextProcessor app() {
      note('app')
      return { a: this.#name, b: 'app', c: (g as { user?: unknown }).user }
    }
    @Get('/') index() {
      return renderTemplateString(SOURCE)
    }
  }
  const app = appOf({}, {}, { blueprints: [Outer] }, App)
  const client = testClient(app)
  expect((await client.get('/outer/inner/')).text).toBe('everyouterinnerview')
  expect((await client.get('/outer/')).text).toBe('everyouterouterouter')
  expect((await client.get('/')).text).toBe('everyappAnn')
  expect(await withAppContext(app, () => renderTemplateString(SOURCE))).toBe('everyapp')
  expect(log).toEqual([
    ...['app', 'everywhere', 'outer /outer/inner/', 'inner'],
    ...['app', 'everywhere', 'outer /outer/'],
    ...['app', 'everywhere'],
    ...['app', 'everywhere'],
  ])
})

test('filters, tests and functions: under their own name or another one, also of a blueprint', async () => {
  @Blueprint('/shop', { name: 'shop' })
  class Shop {
    readonly #currency = '€'
    @TemplateFilter money(cents: number, { digits = 2 } = {}) {
      return `${(cents / 100).toFixed(digits)} ${this.#currency}`
    }
    @TemplateFilter() shout(text: string, mark: string) {
      return text + mark
    }
    @TemplateFilter('reversed') backwards(text: string) {
      return [...text].reverse().join('')
    }
    @TemplateTest('cheap') isCheap(cents: number) {
      return cents < 100
    }
    @TemplateTest even_more() {
      return 'yes'
    }
    @TemplateGlobal now() {
      return 'now'
    }
    @TemplateGlobal('upper_case') upperCase(text: string, options = {}) {
      return text.toUpperCase() + JSON.stringify(options)
    }
  }
  const source =
    "{{ 1999|money }} {{ 1999|money(digits=0) }} {{ 'a'|shout('!') }} {{ 'abc'|reversed }} {{ 50 is cheap }} {{ 500 is cheap }} {{ 1 is even_more }} {{ now() }} {{ upper_case('x', a=1)|safe }} {{ [50, 500]|select('cheap')|join }} {{ ['ab']|map('reversed')|join }}"
  class App {
    @Get('/') index() {
      return renderTemplateString(source)
    }
  }
  expect((await testClient(appOf({}, {}, { blueprints: [Shop] }, App)).get('/')).text).toBe(
    '19.99 € 20 € a! cba True False True now X{"a":1} 50 ba',
  )
})

test('a filter may replace one of Jinja', async () => {
  class App {
    @TemplateFilter upper(text: string) {
      return `up ${text}`
    }
    @Get('/') index() {
      return renderTemplateString("{{ 'a'|upper }}")
    }
  }
  expect((await testClient(appOf({}, {}, {}, App)).get('/')).text).toBe('up a')
})

test('decorate, for JavaScript without a compiler', async () => {
  class App {
    index() {
      return renderTemplateString("{{ 'a'|twice }}{{ b }}")
    }
    twice(text: string) {
      return text + text
    }
    names() {
      return { b: 'b' }
    }
  }
  decorate(App, { index: Get('/'), twice: TemplateFilter('twice'), names: ContextProcessor })
  expect((await testClient(appOf({}, {}, {}, App)).get('/')).text).toBe('aab')
})

test('a context processor must return an object, and cannot wait', async () => {
  const of = (result: unknown) => {
    class App {
      // @ts-expect-error a context processor must return an object with names for the template
      @ContextProcessor names() {
        return result
      }
      @Get('/') index() {
        return renderTemplateString('')
      }
    }
    return testClient(appOf({}, {}, {}, App), { propagateExceptions: true }).get('/')
  }
  await expect(of(5)).rejects.toThrow('App.names: a context processor must return an object, not 5')
  await expect(of(undefined)).rejects.toThrow('App.names: a context processor must return an object, not undefined')
  await expect(of(Promise.resolve({}))).rejects.toThrow(
    'App.names is asynchronous: a template cannot wait. Compute the values in a before method, and keep them in g.',
  )
})

describe('parameters with names', () => {
  class App {
    readonly #sign = '~'
    @TemplateFilter({ names: ['cents', 'currency', 'short'] }) money(cents: number, currency = '€', short = false) {
      return `${this.#sign}${(cents / 100).toFixed(short ? 0 : 2)} ${currency}`
    }
    @TemplateTest('over', { names: ['cents', 'limit'] }) isOver(cents: number, limit = 100) {
      return cents > limit
    }
    @TemplateGlobal('add', { names: ['a', 'b'] }) sum(a: number, b: number) {
      return a + b
    }
    @TemplateGlobal({}) plain(value: unknown, options: unknown) {
      return JSON.stringify([value, options])
    }
  }
  const render = (source: string) => {
    const half = templateFunction(['value', 'digits'], (value: number, digits = 1) => (value / 2).toFixed(digits))
    const app = appOf({}, { filters: { half } }, {}, App)
    return withAppContext(app, () => renderTemplateString(source))
  }

  test.each([
    ['{{ 1999|money }}', '~19.99 €'],
    ["{{ 1999|money('$') }}", '~19.99 $'],
    ["{{ 1999|money('$', true) }}", '~20 $'],
    ["{{ 1999|money(currency='$') }}", '~19.99 $'],
    ['{{ 1999|money(short=true) }}', '~20 €'],
    ["{{ 1999|money('$', short=true) }}", '~20 $'],
    ["{{ [100, 200]|map('money', '$')|join(',') }}", '~1.00 $,~2.00 $'],
    ['{{ 150 is over }} {{ 150 is over(200) }} {{ 150 is over(limit=200) }}', 'True False False'],
    ['{{ add(1, 2) }} {{ add(1, b=2) }} {{ add(b=2, a=1) }}', '3 3 3'],
    ['{{ plain(1, x=2)|safe }}', '[1,{"x":2}]'],
    ['{{ 5|half }} {{ 5|half(2) }} {{ 5|half(digits=0) }}', '2.5 2.50 3'],
  ])('are passed by their places or by their names: %s', async (source, expected) => {
    expect(await render(source)).toBe(expected)
  })

  test.each([
    ['{{ 1|money(1, 2, 3) }}', 'money() takes at most 3 arguments, and got 4'],
    ['{{ 1|money(shrt=true) }}', "money() has no argument 'shrt': it has cents, currency, short"],
    ["{{ 1|money('$', currency='€') }}", "money() got its argument 'currency' twice"],
    ["{{ 'a'|replace('a', 'b', old='c') }}", "replace() got its argument 'old' twice"],
  ])('a wrong call: %s', async (source, message) => {
    await expect(render(source)).rejects.toThrow(message)
  })

  test('such a function can be called as any other', () => {
    const twice = templateFunction(['value'], function twice(value: number) {
      return value * 2
    })
    expect([twice(4), twice.name]).toEqual([8, 'twice'])
  })

  test.each<[names: unknown, fn: unknown, message: string]>([
    ['a', () => 1, 'the names must be a list'],
    [['a', 'a'], () => 1, 'each once'],
    [['a b'], () => 1, 'the names must be a list'],
    [[5], () => 1, 'the names must be a list'],
    [['a'], 5, 'the second argument must be a function, not 5'],
  ])('templateFunction(%p, %p)', (names, fn, message) => {
    expect(() => templateFunction(names as string[], fn as () => unknown)).toThrow(message)
  })
})

test.each<[call: () => unknown, message: string]>([
  [
    () => TemplateFilter({ names: ['a b'] }),
    "the names of the parameters, each once: write @TemplateFilter({ names: ['cents",
  ],
  [() => TemplateFilter({ names: 'a' } as unknown as string), 'the names of the parameters'],
  [() => TemplateFilter({ name: 'a' } as unknown as string), 'the names of the parameters'],
  [() => TemplateFilter('money', 5 as unknown as object), 'the names of the parameters'],
  [() => TemplateFilter('mon ey', { names: ['a'] }), 'a name that templates can write'],

  [() => TemplateFilter('a b'), '@TemplateFilter'],
  [() => TemplateTest(''), '@TemplateTest'],
  [() => TemplateGlobal(5 as unknown as string), '@TemplateGlobal'],
  [() => (ContextProcessor as (...given: unknown[]) => unknown)('a'), '@ContextProcessor'],
  [() => (AppContextProcessor as (...given: unknown[]) => unknown)('a'), '@AppContextProcessor'],
  [() => TemplateFilter(class {} as unknown as string), '@TemplateFilter is on the class itself'],
])('a wrong call: %#', (call, message) => {
  expect(setupError(call)).toContain(message)
})
