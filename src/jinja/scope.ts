import type { SourceText } from './template-error'

/** A compiled part of a template: gives its text. */
export type Statement = (scope: Scope) => string

/** A block of a template. */
export interface Block {
  readonly name: string
  readonly run: Statement
  readonly escapes: boolean
  /** Whether a template that extends this one must have it. */
  readonly isRequired: boolean
}

/** A compiled template. */
export interface Template extends SourceText {
  /** Whether texts are escaped in it. */
  readonly escapes: boolean
  readonly run: Statement
  readonly blocks: readonly Block[]
}

/** What all templates of an application have in common. */
export interface Language {
  readonly globals: Readonly<Record<string, unknown>>
  /** Says of a name what is to be done if a template uses it and it is not there. */
  readonly hints: Readonly<Record<string, string>>
  has(kind: 'filter' | 'test', name: string): boolean
  /** A filter or a test. @throws TemplateError if there is none of this name */
  named(kind: 'filter' | 'test', name: string): unknown
  /** Finds and compiles a template. `undefined` if there is none */
  readonly find: (name: string) => Template | undefined
  /** The same. @throws TemplateNotFound, which takes a time: it reads the folders for a similar name */
  load(name: string): Template
}

/** One rendering of a template, with those that it extends. */
export interface Rendering {
  readonly language: Language
  /** The blocks by name, those of the innermost template first. */
  readonly blocks: Map<string, Block[]>
  /** What the template extends, from `{% extends %}` on. */
  parent: Template | undefined
}

type Names = Map<string, unknown>

/** The names that a place in a template sees: its own, and those of the scopes around it. */
export class Scope {
  /** The names that were set here. */
  readonly names: Names

  /** @param escapes whether texts are escaped here */
  constructor(
    readonly rendering: Rendering,
    readonly outer: Scope | undefined,
    readonly escapes: boolean,
    names: Names = new Map(),
  ) {
    this.names = names
  }

  /** A scope in this one. */
  inner(escapes = this.escapes): Scope {
    return new Scope(this.rendering, this, escapes)
  }

  /** The scope of the template itself, whose names all templates of a rendering share. */
  root(escapes: boolean): Scope {
    const { outer } = this
    if (outer?.rendering === this.rendering) return outer.root(escapes)
    return new Scope(this.rendering, outer, escapes, this.names)
  }

  get(name: string): unknown {
    if (this.names.has(name)) return this.names.get(name)
    return this.outer === undefined ? this.rendering.language.globals[name] : this.outer.get(name)
  }

  set(name: string, value: unknown): void {
    this.names.set(name, value)
  }

  /** What is to be done about a name that is not there, for the end of an error's message. */
  hintFor(name: string): string {
    const { hints } = this.rendering.language
    return Object.hasOwn(hints, name) ? `. ${hints[name]}` : ''
  }
}
