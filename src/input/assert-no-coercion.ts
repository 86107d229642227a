import { SetupError } from '../errors/setup-error'
import { ask } from '../schema/ask'
import { pointerOf, type Schema } from '../schema/standard-schema'

/** What a text could become, with its name. */
const CANDIDATES: readonly (readonly [string, unknown])[] = [
  ...[1, 0, 10, 1000, 0.5, -1].map(number => ['a number', number] as const),
  ['a boolean', true],
  ['a list', ['1']],
  ['a list', []],
]

/**
 * Refuses a schema without a JSON Schema that wants something else than texts: nothing says which texts are to become
 * numbers, booleans or lists. The schema itself is asked, with values of each kind.
 *
 * @param where the option, for the error
 * @param taker the function that takes the option `toJsonSchema`
 */
export function assertNoCoercion(schema: Schema, where: string, taker = 'bootstrap'): void {
  const { names, refused } = probe(schema, '1')
  for (const name of names.filter(each => refused.has(each))) {
    const wanted = CANDIDATES.find(([, value]) => !probe(schema, value).refused.has(name))
    if (wanted === undefined) continue
    throw new SetupError(
      'BAD_OPTION',
      `${where}: '${name}' is ${wanted[0]}, but arrives as a text, and the schema has no JSON Schema that says what texts ` +
        `become. ${hintFor(schema, taker)}`,
    )
  }
}

function hintFor({ '~standard': { vendor } }: Schema, taker: string): string {
  return vendor === 'valibot'
    ? `Import toJsonSchema from '@valibot/to-json-schema' and pass it to ${taker}: { toJsonSchema }.`
    : `Pass a function that makes one to ${taker}, { toJsonSchema }, or let the schema take a text.`
}

/** The names that a schema reads, and those whose value it refuses if all have the same. */
function probe(schema: Schema, value: unknown): { names: string[]; refused: ReadonlySet<string> } {
  const names = new Set<string>()
  const note = (name: string | symbol) => typeof name === 'string' && name !== 'then' && names.add(name)
  const anything = new Proxy<Record<string, unknown>>(
    {},
    {
      get: (_, name) => (note(name) ? value : undefined),
      has: (_, name) => Boolean(note(name)),
    },
  )
  const issues = ask(schema, anything)?.issues ?? []
  return { names: [...names], refused: new Set(issues.map(issue => pointerOf(issue).slice(2))) }
}
