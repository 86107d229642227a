import type { Environment } from './environment'
import type { Block, Template } from './template'

/** One rendering of a template, with those that it extends. */
export interface Rendering {
  readonly environment: Environment
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
    return this.outer === undefined ? this.rendering.environment.globals[name] : this.outer.get(name)
  }

  set(name: string, value: unknown): void {
    this.names.set(name, value)
  }
}
