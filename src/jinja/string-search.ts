import { methodTable } from './methods'
import { TemplateError } from './template-error'
import { repr } from './text'

/** The part from a place to another one, counted in characters as Python does, and how many characters are before it. */
function section(text: string, start?: number | null, stop?: number | null): { part: string; before: number } {
  const from = start ?? 0
  if (from === 0 && (stop ?? undefined) === undefined) return { part: text, before: 0 }
  const characters = [...text]
  const before = from < 0 ? Math.max(0, from + characters.length) : from
  return { part: characters.slice(from, stop ?? undefined).join(''), before }
}

type Bounds = [start?: number | null, stop?: number | null]
type Look = (text: string, wanted: string) => number

const first: Look = (text, wanted) => text.indexOf(wanted)
const last: Look = (text, wanted) => text.lastIndexOf(wanted)

const finding =
  (look: Look) =>
  (text: string, wanted: string, ...bounds: Bounds): number => {
    const { part, before } = section(text, ...bounds)
    const at = look(part, wanted)
    return at === -1 ? -1 : before + [...part.slice(0, at)].length
  }

const indexing =
  (look: Look) =>
  (text: string, wanted: string, ...bounds: Bounds): number => {
    const at = finding(look)(text, wanted, ...bounds)
    if (at === -1) throw new TemplateError(`${repr(wanted)} is not in ${repr(text)}`)
    return at
  }

const matching =
  (fits: (text: string, wanted: string) => boolean) =>
  (text: string, wanted: string | readonly string[], ...bounds: Bounds): boolean => {
    const { part } = section(text, ...bounds)
    return [wanted].flat().some(each => fits(part, each))
  }

function count(text: string, wanted: string, ...bounds: Bounds): number {
  const { part } = section(text, ...bounds)
  return wanted === '' ? [...part].length + 1 : part.split(wanted).length - 1
}

/** The methods of Python's texts that look for another text. */
export const searchMethods = methodTable({
  count,
  endswith: matching((text, wanted) => text.endsWith(wanted)),
  find: finding(first),
  index: indexing(first),
  rfind: finding(last),
  rindex: indexing(last),
  startswith: matching((text, wanted) => text.startsWith(wanted)),
})
