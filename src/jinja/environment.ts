import { didYouMean } from '../errors/did-you-mean'
import { globals } from './globals'
import { htmlFilters } from './html-filters'
import { listFilters } from './list-filters'
import { selectFilters } from './select-filters'
import { sortFilters } from './sort-filters'
import { numberFilters } from './number-filters'
import type { Language, Template } from './scope'
import { TemplateError } from './template-error'
import { tests } from './tests'
import { textFilters } from './text-filters'

type Named = Readonly<Record<string, unknown>>

/** Functions and values besides those of Jinja itself, which they may replace. */
export interface Additions {
  readonly filters: Named
  readonly tests: Named
  readonly globals: Named
  readonly hints?: Readonly<Record<string, string>>
}

/** What all templates of an application have in common. */
export class Environment implements Language {
  readonly globals: Named
  readonly hints: Readonly<Record<string, string>>
  readonly #known: Readonly<Record<'filter' | 'test', Named>>

  constructor(
    additions: Additions,
    /** Finds and compiles a template. */
    readonly find: (name: string) => Template | undefined,
    /** The error for a template that is not there. */
    private readonly notFound: (name: string) => Error,
  ) {
    this.globals = table(globals, additions.globals)
    this.hints = additions.hints ?? {}
    this.#known = {
      filter: table(
        textFilters,
        listFilters,
        selectFilters,
        sortFilters,
        htmlFilters,
        numberFilters,
        additions.filters,
      ),
      test: table(tests, additions.tests),
    }
  }

  load(name: string): Template {
    const template = this.find(name)
    if (template === undefined) throw this.notFound(name)
    return template
  }

  has(kind: 'filter' | 'test', name: string): boolean {
    return name in this.#known[kind]
  }

  /** A filter or a test. @throws TemplateError if there is none of this name */
  named(kind: 'filter' | 'test', name: string): unknown {
    const known = this.#known[kind]
    if (name in known) return known[name]
    throw new TemplateError(`there is no ${kind} '${name}'.${didYouMean(name, Object.keys(known))}`)
  }
}

/** Without what objects inherit: `constructor` is no filter. */
const table = (...parts: readonly Named[]): Named => Object.assign(Object.create(null) as object, ...parts) as Named
