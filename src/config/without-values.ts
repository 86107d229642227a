const MASK = '[hidden]'

/** Of a value that is this long, a part that is this long is hidden as well: a message may have shortened it. */
const SHORTEST_PART = 8

/**
 * A message without the values that may be in it.
 *
 * @param own the values that it is about
 * @param others all values: the short ones are left, or a `1` would hide each 1 in every message
 */
export function withoutValues(message: string, own: readonly unknown[], others: readonly unknown[]): string {
  const texts = textsIn(own)
  const long = textsIn([...own, ...others]).filter(({ length }) => length >= SHORTEST_PART)
  return [...texts.map(withoutWhole), ...long.map(withoutParts)].reduce((text, hide) => hide(text), message)
}

/** The longest first: another one may be a part of it. */
function textsIn(values: readonly unknown[]): string[] {
  const parts = values.flat(Infinity).flatMap(value => (isText(value) ? String(value) : []))
  return [...new Set(parts)].filter(text => text !== '').sort((a, b) => b.length - a.length)
}

const isText = (value: unknown) => ['string', 'number', 'boolean', 'bigint'].includes(typeof value)

/** As a word of its own. */
const withoutWhole = (value: string) => (message: string) => {
  const escaped = value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return message.replace(new RegExp(`(?<![\\p{L}\\d])${escaped}(?![\\p{L}\\d])`, 'gu'), MASK)
}

const withoutParts = (value: string) => (message: string) => {
  let text = message
  for (let start = 0; start + SHORTEST_PART <= value.length; start++) text = withoutPart(text, value.slice(start))
  return text
}

/** Without what `value` begins with, as long as it goes on, wherever that is. */
function withoutPart(message: string, value: string): string {
  const at = message.indexOf(value.slice(0, SHORTEST_PART))
  if (at === -1) return message
  let length = SHORTEST_PART
  while (length < value.length && message[at + length] === value[length]) length++
  return message.slice(0, at) + MASK + withoutPart(message.slice(at + length), value)
}
