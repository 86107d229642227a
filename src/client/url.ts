/** `<int(fixed_digits=3):id>`: the converter, its arguments, the name. */
const VARIABLE = /<(?:(\w+)(?:\(([^)]*)\))?:)?(\w+)>/g

/** Turns a value into the text of a URL that `name` stands for, for instance a `Date`. */
export type ToUrl = Readonly<Record<string, (value: never) => string>>

/**
 * The path of a rule with its values: `/users/<int:id>` and `{ id: 5 }` give `/users/5`.
 *
 * @param toUrl for converters of the application's own, as its `toUrl` is
 * @throws TypeError for a value that is missing or empty
 */
export function pathOf(rule: string, values: Readonly<Record<string, unknown>>, toUrl: ToUrl): string {
  return rule.replace(VARIABLE, (_, converter: string | undefined, args: string | undefined, name: string) => {
    const text = textOf(values[name], converter, args, toUrl)
    if (text === '') throw new TypeError(`the rule '${rule}' needs a value for '${name}'`)
    const encoded = encodeURIComponent(text)
    return converter === 'path' ? encoded.replaceAll('%2F', '/') : encoded
  })
}

function textOf(value: unknown, converter: string | undefined, args: string | undefined, toUrl: ToUrl): string {
  const own = converter === undefined ? undefined : toUrl[converter]
  if (own !== undefined) return own(value as never)
  if (value === undefined || value === null) return ''
  // Flask's float needs a point, and int may have a fixed number of digits.
  if (converter === 'float' && Number.isInteger(value)) return `${asText(value)}.0`
  const digits = converter === 'int' ? /fixed_?digits\s*=\s*(\d+)|^\s*(\d+)/i.exec(args ?? '') : null
  return asText(value).padStart(Number(digits?.[1] ?? digits?.[2] ?? 0), '0')
}

/** `{ page: 2, tag: ['a', 'b'] }` → `?page=2&tag=a&tag=b` */
export function searchOf(query: Readonly<Record<string, unknown>> = {}): string {
  const text = new URLSearchParams(pairsOf(query)).toString()
  return text === '' ? '' : `?${text}`
}

/** The values of a query or a form as texts: lists name by name, and nothing for `undefined` and `null`. */
export function pairsOf(values: Readonly<Record<string, unknown>>): [string, string][] {
  return entriesOf(values).map(([name, value]) => [name, asText(value)])
}

/** The values, with one entry for each value of a list. */
export function entriesOf(values: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(values)
    .flatMap(([name, value]) => [value].flat().map((each): [string, unknown] => [name, each]))
    .filter(([, value]) => value !== undefined && value !== null)
}

/** A date as JSON has it. */
export const asText = (value: unknown): string => (value instanceof Date ? value.toISOString() : String(value))
