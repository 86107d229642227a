import {
  AppErrorHandler,
  Blueprint,
  ErrorHandler,
  Get,
  HttpError,
  abort,
  bootstrap,
  type BootstrapOptions,
  type Class,
  makeResponse,
} from 'flaskoa'
import { clientOf } from '../support/client'
import { setupError } from '../support/setup-error'

// Error handlers for classes that decide with `Symbol.hasInstance` what is an instance. ZodError is one: its prototype is no
// error, and what `parse` throws has another prototype.

/** An error that belongs to a class by a mark, not by its prototype. */
class Marked extends Error {
  constructor(readonly marks: readonly string[]) {
    super(`marked ${marks.join(' ')}`)
  }
}

/** A class without `Error` above it, for the errors that have a mark. */
function classFor(mark: string) {
  return class {
    readonly marks: readonly string[] = []
    static [Symbol.hasInstance](value: unknown): boolean {
      return value instanceof Error && (value as Partial<Marked>).marks?.includes(mark) === true
    }
  }
}
const [A, B] = [classFor('a'), classFor('b')]
class SubclassOfA extends A {}

function failing(thrown: unknown) {
  class Failing {
    @Get('/') index(): string {
      throw thrown
    }
  }
  return Failing
}

async function answerOf(App: Class, options?: BootstrapOptions): Promise<string> {
  const { status, text } = await clientOf(App, options).get('/')
  return status === 200 ? text : String(status)
}

test('catch their errors, and no others', async () => {
  const appFor = (thrown: unknown) => {
    class App extends failing(thrown) {
      @ErrorHandler(A) failed(error: InstanceType<typeof A>) {
        return `A ${error.marks}`
      }
    }
    return App
  }
  expect(await answerOf(appFor(new Marked(['a', 'b'])))).toBe('A a,b')
  expect(await answerOf(appFor(new Marked(['b'])))).toBe('500')
  expect(await answerOf(appFor(new Error('unmarked')))).toBe('500')
})

test('come after classes that the prototype decides, and before Error', async () => {
  class Own extends Marked {}
  const appFor = (thrown: unknown) => {
    class App extends failing(thrown) {
      @ErrorHandler(Error) error() {
        return 'Error'
      }
      @ErrorHandler(A) a() {
        return 'A'
      }
      @ErrorHandler(Own) own() {
        return 'Own'
      }
    }
    return App
  }
  expect(await answerOf(appFor(new Own(['a'])))).toBe('Own')
  expect(await answerOf(appFor(new Marked(['a'])))).toBe('A')
  expect(await answerOf(appFor(new Marked(['b'])))).toBe('Error')
})

test('are asked in the order of registration', async () => {
  const thrown = new Marked(['a', 'b'])
  class First extends failing(thrown) {
    @ErrorHandler(A) a() {
      return 'A'
    }
    @ErrorHandler(B) b() {
      return 'B'
    }
  }
  class Second extends failing(thrown) {
    @ErrorHandler(B) b() {
      return 'B'
    }
    @ErrorHandler(A) a() {
      return 'A'
    }
  }
  expect([await answerOf(First), await answerOf(Second)]).toEqual(['A', 'B'])
})

test('[5.5] the last handler for one of them wins, and keeps its place', async () => {
  class App extends failing(new Marked(['a', 'b'])) {
    @ErrorHandler(A) a() {
      return 'A'
    }
    @ErrorHandler(B) b() {
      return 'B'
    }
    @ErrorHandler(A) again() {
      return 'A again'
    }
  }
  expect(await answerOf(App)).toBe('A again')
})

test('are asked in the innermost blueprint first', async () => {
  @Blueprint('', { name: 'inner' })
  class Inner extends failing(new Marked(['a', 'b'])) {
    @ErrorHandler(B) b() {
      return 'inner B'
    }
    @AppErrorHandler(B) appWide() {
      return 'app-wide B'
    }
  }
  class App {
    @ErrorHandler(A) a() {
      return 'app A'
    }
  }
  @Blueprint('', { name: 'bare' })
  class Bare extends failing(new Marked(['b'])) {}
  expect(await answerOf(App, { blueprints: [Inner] })).toBe('inner B')
  expect(await answerOf(App, { blueprints: [Bare] })).toBe('500')
})

test('their HTTP errors go to handlers for the code first', async () => {
  const marked = Object.assign(new HttpError('no', { status: 409 }), { marks: ['a'] })
  class ByClass extends failing(marked) {
    @ErrorHandler(A) a() {
      return 'A'
    }
  }
  class ByCode extends ByClass {
    @ErrorHandler(409) conflict() {
      return '409'
    }
  }
  class ByHttpError extends ByClass {
    @ErrorHandler(HttpError) http() {
      return 'HttpError'
    }
  }
  expect([await answerOf(ByClass), await answerOf(ByCode), await answerOf(ByHttpError)]).toEqual([
    ...['A', '409', 'HttpError'],
  ])
})

test('an error class of its own prototype may also decide', async () => {
  class Foreign extends Error {
    static override [Symbol.hasInstance](value: unknown): boolean {
      return value instanceof Error && value.name === 'Foreign'
    }
  }
  class App extends failing(Object.assign(new Error('of another copy'), { name: 'Foreign' })) {
    @ErrorHandler(Foreign) foreign() {
      return 'Foreign'
    }
  }
  expect(await answerOf(App)).toBe('Foreign')
})

test('a subclass inherits the decision, as in instanceof', async () => {
  class App extends failing(new Marked(['a'])) {
    @ErrorHandler(SubclassOfA) failed() {
      return 'subclass'
    }
  }
  expect(await answerOf(App)).toBe('subclass')
})

test('a class whose decision throws has no instances', async () => {
  class Broken {
    static [Symbol.hasInstance](): boolean {
      throw new Error('undecided')
    }
  }
  class App extends failing(new Marked(['a'])) {
    @ErrorHandler(Broken) broken() {
      return 'Broken'
    }
    @ErrorHandler(A) a() {
      return 'A'
    }
  }
  expect(await answerOf(App)).toBe('A')
})

test('abort(response) reaches no handler', async () => {
  class Everything {
    static [Symbol.hasInstance](): boolean {
      return true
    }
  }
  class App {
    @Get('/') index(): string {
      return abort(makeResponse({ aborted: true }))
    }
    @ErrorHandler(Everything) everything() {
      return 'Everything'
    }
  }
  expect(await answerOf(App)).toBe('{"aborted":true}')
})

test('[11.5] a class that neither extends Error nor decides is refused', () => {
  class Plain {}
  class App extends failing(new Error('never thrown')) {
    @ErrorHandler(Plain) failed() {
      return ''
    }
  }
  expect(setupError(() => bootstrap(App))).toBe(
    'FLASKOA_BAD_ERROR_HANDLER App.failed: @ErrorHandler needs an HTTP error code or a class that extends Error, ' +
      'not the function Plain. For instance 404, or DatabaseError.',
  )
})
