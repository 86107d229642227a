import { AfterRequest, BeforeRequest, TeardownRequest, UrlValuePreprocessor, type Response } from 'flaskoa'

/** What ran in the current test, in order. */
export const log: string[] = []
beforeEach(() => {
  log.length = 0
})

/** Adds `name` to the log and returns `value`, so that a method can do both in one expression. */
export function note(name: string): void
export function note<T>(name: string, value: T): T
export function note(name: string, value?: unknown): unknown {
  log.push(name)
  return value
}

/** A scope with two hooks of each kind. Each adds the name of its class and its own to the log. */
export abstract class LoggedHooks {
  #note = (what: string) => note(`${this.constructor.name} ${what}`)

  @UrlValuePreprocessor()
  values1() {
    this.#note('values 1')
  }

  @UrlValuePreprocessor()
  values2() {
    this.#note('values 2')
  }

  @BeforeRequest()
  before1() {
    this.#note('before 1')
  }

  @BeforeRequest()
  before2() {
    this.#note('before 2')
  }

  @AfterRequest()
  after1(response: Response) {
    this.#note('after 1')
    return response
  }

  @AfterRequest()
  after2(response: Response) {
    this.#note('after 2')
    return response
  }

  @TeardownRequest()
  teardown1() {
    this.#note('teardown 1')
  }

  @TeardownRequest()
  teardown2() {
    this.#note('teardown 2')
  }
}
