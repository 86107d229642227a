import { inspect } from 'node:util'

/**
 * The values of a configuration, by name. As a whole they are shown with their types alone, by `console.log`, in JSON and by what
 * reads no getters, so that no secret of them gets into a log.
 */
export class Config {
  static of<Values extends object>(values: Values): Readonly<Values> {
    return Object.freeze(new Config(values)) as Readonly<Values>
  }

  private constructor(values: object) {
    for (const [name, value] of Object.entries(values))
      Object.defineProperty(this, name, { get: () => value as unknown, enumerable: true })
  }

  toJSON(): object {
    return Object.fromEntries(Object.entries(this).map(([name, value]) => [name, `[${kindOf(value)}]`]))
  }

  [inspect.custom](): string {
    const shown = Object.entries(this).map(([name, value]) => `${name}: [${kindOf(value)}]`)
    return `Config { ${shown.join(', ')} }`
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'list' : typeof value
}
