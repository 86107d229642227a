import { methodTable, withNames } from './methods'
import { TemplateError } from './template-error'
import { tuple, type Tuple } from './tuple'

type Separator = string | null | undefined

function partsOf(text: string, separator: Separator): string[] {
  if (separator === '') throw new TemplateError('split(): the separator is empty')
  if (separator === undefined || separator === null) return text.split(/\s+/).filter(Boolean)
  return text.split(separator)
}

/** Whether a text has no more parts than may be cut off. What is left of it keeps its other spaces. */
const isSplit = (parts: readonly string[], separator: Separator, most: number) =>
  most < 0 || parts.length <= most + (typeof separator === 'string' ? 1 : 0)

function split(text: string, separator?: Separator, most = -1): string[] {
  const parts = partsOf(text, separator)
  if (isSplit(parts, separator, most)) return parts
  const head = parts.slice(0, most)
  if (typeof separator === 'string') return [...head, parts.slice(most).join(separator)]
  return [...head, head.reduce((left, part) => left.trimStart().slice(part.length), text).trimStart()]
}

function rsplit(text: string, separator?: Separator, most = -1): string[] {
  const parts = partsOf(text, separator)
  if (isSplit(parts, separator, most)) return parts
  const tail = parts.slice(parts.length - most)
  if (typeof separator === 'string') return [parts.slice(0, parts.length - most).join(separator), ...tail]
  return [tail.reduceRight((left, part) => left.trimEnd().slice(0, -part.length), text).trimEnd(), ...tail]
}

/** Cuts a text in two at a place. */
function cut(text: string, at: number, separator: string, otherwise: readonly string[]): Tuple {
  if (separator === '') throw new TemplateError('partition(): the separator is empty')
  return tuple(at === -1 ? otherwise : [text.slice(0, at), separator, text.slice(at + separator.length)])
}

/** With `keepends`, each line has its end. */
function lines(text: string, keepends?: boolean): string[] {
  const found = text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? []
  return keepends === true ? found : found.map(line => line.replace(/[\r\n]+$/, ''))
}

/** The methods of Python's texts that take them apart. */
export const splitMethods = methodTable({
  partition: (text: string, separator: string) => cut(text, text.indexOf(separator), separator, [text, '', '']),
  rpartition: (text: string, separator: string) => cut(text, text.lastIndexOf(separator), separator, ['', '', text]),
  rsplit: withNames(['sep', 'maxsplit'], rsplit),
  split: withNames(['sep', 'maxsplit'], split),
  splitlines: withNames(['keepends'], lines),
})
