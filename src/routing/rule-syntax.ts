import type { Argument, ConverterArgs } from './converters'

// Without Node: the client of `flaskoa/client` reads rules in a browser.

/** A run of slashes, static text, or a variable: <name>, <converter:name> or <converter(arguments):name>. */
export const pieceOfRule =
  /(?<slash>\/+)|(?<text>[^<>/]+)|<(?:(?<converter>[^<>():]*)(?:\((?<args>(?:"[^"]*"|'[^']*'|[^"'()<>])*)\))?:)?(?<variable>[^<>():]*)>/y

const argument = /\s*(?:(?<name>\w+)\s*=\s*)?(?:"(?<double>[^"]*)"|'(?<single>[^']*)'|(?<word>[^\s,=()"']+))\s*(?:,|$)/y

/** The arguments of a converter, or the text that can't be read as such. */
export function argumentsIn(text: string): ConverterArgs | string {
  const positional: Argument[] = []
  const named = Object.create(null) as Record<string, Argument>
  const end = text.trimEnd().length
  for (let at = 0; at < end; at = argument.lastIndex) {
    argument.lastIndex = at
    const found = argument.exec(text)?.groups
    if (!found) return text.slice(at)
    const value = found.double ?? found.single ?? constant(found.word as string)
    if (found.name === undefined) positional.push(value)
    else named[found.name] = value
  }
  return { positional, named }
}

/** `4` → 4, `True` → true, `about` → 'about' */
function constant(word: string): string | number | boolean {
  if (/^(true|false)$/i.test(word)) return /^t/i.test(word)
  return /^-?\d+(\.\d+)?$/.test(word) ? Number(word) : word
}
