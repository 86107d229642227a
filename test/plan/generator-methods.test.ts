import {
  AfterRequest,
  AfterResponse,
  BeforeFirstRequest,
  BeforeRequest,
  bootstrap,
  Command,
  decorate,
  ErrorHandler,
  Get,
  OnShutdown,
  OnStart,
  TeardownAppContext,
  TeardownRequest,
  UrlBuildErrorHandler,
  UrlDefaults,
  UrlValuePreprocessor,
  type BootstrapOptions,
} from 'flaskoa'
import { ContextProcessor, TemplateFilter, TemplateGlobal, TemplateTest } from 'flaskoa/templates'
import { testClient } from 'flaskoa/testing'
import { log, note } from '../support/log'
import { setupError } from '../support/setup-error'

function* generated() {
  yield note('ran')
}
const decorators: Record<string, unknown> = {
  '@BeforeFirstRequest': BeforeFirstRequest,
  '@OnStart': OnStart,
  '@OnShutdown': OnShutdown,
  '@UrlValuePreprocessor': UrlValuePreprocessor,
  '@UrlDefaults': UrlDefaults,
  '@UrlBuildErrorHandler': UrlBuildErrorHandler,
  '@AfterRequest': AfterRequest,
  '@TeardownRequest': TeardownRequest,
  '@TeardownAppContext': TeardownAppContext,
  '@AfterResponse': AfterResponse,
  '@Command': Command('run'),
  '@ContextProcessor': ContextProcessor,
  '@TemplateTest': TemplateTest,
}

/** A class with one decorated method, which in JavaScript may be any function. */
function appWith(method: () => unknown, decorator: unknown) {
  class App {}
  Object.defineProperty(App.prototype, 'act', { value: method, writable: true, configurable: true })
  decorate(App, { act: decorator })
  return App
}

async function* generatedLater() {
  yield await Promise.resolve(note('ran'))
}

describe.each([
  ['a generator method', generated],
  ['an async generator method', generatedLater],
])('%s', (_, method) => {
  test.each(Object.keys(decorators))('with %s is refused: its body would never run', name => {
    expect(setupError(() => bootstrap(appWith(method, decorators[name])))).toBe(
      `FLASKOA_GENERATOR_METHOD App.act: ${name} is on a generator method, whose body would never run, because nothing ` +
        'iterates over what it returns. Leave the * out.',
    )
    expect(log).toEqual([])
  })

  test.each([
    ['@BeforeRequest', BeforeRequest],
    ['@Get', Get('/')],
    ['@ErrorHandler', ErrorHandler(404)],
    ['@TemplateFilter', TemplateFilter],
    ['@TemplateGlobal', TemplateGlobal],
  ])('with %s is right: its result is an answer that is streamed, or a list for a template', (_name, decorator) => {
    expect(() => bootstrap(appWith(method, decorator))).not.toThrow()
  })
})

test('a before method and an error handler may stream their answer', async () => {
  class App {
    @BeforeRequest({ only: ['closed'] }) *close() {
      yield 'closed'
      yield ' today'
    }

    @Get('/') closed() {
      return 'open'
    }

    @ErrorHandler(404) async *missing() {
      yield 'nothing '
      yield await Promise.resolve('here')
    }
  }
  const client = testClient(bootstrap(App))
  expect((await client.get('/')).text).toBe('closed today')
  expect((await client.get('/nowhere')).text).toBe('nothing here')
})

test('a method that calls a generator is not one', async () => {
  class App {
    @Get('/') index() {
      return 'index'
    }

    @AfterResponse() count() {
      note([...generated()].length.toString())
    }
  }
  await testClient(bootstrap(App)).get('/')
  expect(log).toEqual(['ran', '1'])
})

test('the option middleware refuses generators, which Koa no longer runs', () => {
  class App {
    @Get('/') index() {
      return 'index'
    }
  }
  const options = { middleware: [generated] } as unknown as BootstrapOptions
  expect(setupError(() => bootstrap(App, options))).toMatch(
    /^FLASKOA_BAD_OPTION bootstrap: the option middleware must be a list of functions that are no generators, not \[.*\]\.$/,
  )
})
