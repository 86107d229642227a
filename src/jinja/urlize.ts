import { escapeText } from './markup'

/** What makes links of addresses. */
export interface LinkOptions {
  /** How many characters of an address are shown. */
  readonly limit: number | null
  /** Of links to pages. */
  readonly rel: string
  readonly target: string | null
  /** `tel:` */
  readonly schemes: readonly string[]
}

const REST = String.raw`(?::\d+)?(?:[/?#]\S*)?`
const PAGES = [
  new RegExp(String.raw`^(?:https?://|www\.)(?:[\w%-]+\.)*(?:[a-z]{2,63}|xn--[\w%]{2,59})${REST}$`, 'i'),
  new RegExp(String.raw`^(?:[\w%-]{2,63}\.)+(?:com|net|int|edu|gov|org|info|mil)${REST}$`, 'i'),
  new RegExp(String.raw`^https?://(?:localhost|\d{1,3}(?:\.\d{1,3}){3}|\[[\da-f:.]{2,45}\])${REST}$`, 'i'),
]
const MAIL = /^[^\s@]+@\w[\w.-]*\.\w+$/

/** Links for the addresses in a text that is escaped already. */
export const linked = (html: string, options: LinkOptions): string =>
  html
    .split(/(\s+)/)
    .map(word => linkedWord(word, options))
    .join('')

function linkedWord(word: string, options: LinkOptions): string {
  const before = /^(?:[(<]|&lt;)*/.exec(word)?.[0] as string
  const middle = trimmed(word.slice(before.length))
  const link = linkFor(middle, options)
  return link === undefined ? word : before + link + word.slice(before.length + middle.length)
}

/** What ends a sentence, and not an address. */
const ENDS = [')', '>', '.', ',', '&gt;']
const OPENED: Readonly<Record<string, string>> = { ')': '(', '>': '<', '&gt;': '&lt;' }

/** Without the signs at its end, but with brackets that were opened in it. */
function trimmed(word: string): string {
  let end = word.length
  const left = Object.fromEntries(
    Object.entries(OPENED).map(([close, open]) => [close, count(word, open) - count(word, close)]),
  )
  for (;;) {
    const sign = ENDS.find(each => word.endsWith(each, end))
    // As many brackets as were opened belong to the address.
    if (sign === undefined || (sign in left && (left[sign] as number) >= 0)) return word.slice(0, end)
    if (sign in left) left[sign] = (left[sign] as number) + 1
    end -= sign.length
  }
}

const count = (text: string, part: string) => text.split(part).length - 1

function linkFor(word: string, { limit, rel, target, schemes }: LinkOptions): string | undefined {
  const attributes = ` rel="${escapeText(rel)}"${target === null ? '' : ` target="${escapeText(target)}"`}`
  const shown = limit !== null && word.length > limit ? `${word.slice(0, limit)}...` : word
  if (PAGES.some(page => page.test(word)))
    return `<a href="${/^https?:\/\//.test(word) ? word : `https://${word}`}"${attributes}>${shown}</a>`
  const address = word.replace(/^mailto:/, '')
  if (MAIL.test(address) && (address !== word || !word.includes(':')))
    return `<a href="mailto:${address}">${address}</a>`
  const scheme = schemes.find(each => word.startsWith(each) && word !== each)
  return scheme === undefined ? undefined : `<a href="${word}"${attributes}>${word}</a>`
}
