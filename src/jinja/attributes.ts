import { describe } from '../errors/describe'
import { isRecord } from '../util/is-record'
import { isNative } from './calls'
import { dateAttributes, dateMethods } from './date-methods'
import { instanceMethods, mapMethods, multiMethods } from './dict-methods'
import { listMethods, tupleMethods } from './list-methods'
import { Markup } from './markup'
import type { Methods } from './methods'
import { markupMethods, stringMethods } from './string-methods'
import { TemplateError } from './template-error'
import { isMapLike, isPlain } from './dictionaries'
import { likeList, Tuple } from './tuple'
import { textIn } from './values'

/** `value.name`: a property, a method of Python for such a value, or a key of a dictionary. `undefined` if there is none. */
export function attributeOf(value: unknown, name: string, label: string): unknown {
  refuseNothing(value, name, label)
  const methods = methodsOf(value)
  const method = methods === undefined || isOwn(value, name) ? undefined : methods[name]
  if (method !== undefined) return (...args: unknown[]) => method(value, ...args)
  if (value instanceof Date && dateAttributes[name] !== undefined) return dateAttributes[name](value)
  const found = propertyOf(value, name)
  if (found !== undefined || !isRecord(value)) return found
  if (isMapLike(value)) return value.get(name)
  // The session is an instance of a class, and a dictionary in Flask.
  const dictionary = instanceMethods[name]
  return dictionary && ((...args: unknown[]) => dictionary(value, ...args))
}

/** `value[key]`: an item, a key of a dictionary, else an attribute. `undefined` if there is none. */
export function itemOf(value: unknown, key: unknown, label: string): unknown {
  refuseNothing(value, describe(key), label)
  if (isMapLike(value) && value.has(key)) return value.get(key)
  if (Number.isInteger(key)) {
    const index = key as number
    if (Array.isArray(value)) return value.at(index)
    const text = textIn(value)
    if (text !== undefined) return like(value, [...text].at(index))
  }
  return attributeOf(value, typeof key === 'symbol' ? 'symbol' : String(key), label)
}

/** `value[start:stop:step]`. */
export function sliceOf(value: unknown, bounds: readonly unknown[]): unknown {
  const text = textIn(value)
  const items = Array.isArray(value) ? value : text === undefined ? undefined : [...text]
  if (items === undefined) throw new TemplateError(`${describe(value)} cannot be sliced`)
  const [start, stop, step = 1] = bounds.map(bound =>
    bound === undefined || bound === null ? undefined : Number(bound),
  )
  if (step === 0) throw new TemplateError('the step of a slice must be a number other than 0')
  // As in Jinja, which has no value for what is no place.
  if ([start, stop, step].some(bound => bound !== undefined && !Number.isInteger(bound))) return undefined
  const picked = indexes(items.length, start, stop, step).map(index => items[index] as unknown)
  return text === undefined ? likeList(value as unknown[], picked) : like(value, picked.join(''))
}

function indexes(length: number, start: number | undefined, stop: number | undefined, step: number): number[] {
  const [lowest, highest] = step > 0 ? [0, length] : [-1, length - 1]
  const clamp = (bound: number) => Math.min(Math.max(bound < 0 ? bound + length : bound, lowest), highest)
  const from = start === undefined ? (step > 0 ? lowest : highest) : clamp(start)
  const to = stop === undefined ? (step > 0 ? highest : lowest) : clamp(stop)
  const count = Math.max(0, Math.ceil((to - from) / step))
  return Array.from({ length: count }, (_, index) => from + index * step)
}

/** A part of a safe text is safe. */
const like = (value: unknown, text: string | undefined) =>
  value instanceof Markup && text !== undefined ? new Markup(text) : text

function refuseNothing(value: unknown, name: string, label: string): void {
  if (value === undefined) throw new TemplateError(`'${label}' is undefined, and has no ${name}`)
}

const isOwn = (value: unknown, name: string) => isPlain(value) && Object.hasOwn(value, name)

function methodsOf(value: unknown): Methods | undefined {
  if (typeof value === 'string') return stringMethods
  if (value instanceof Markup) return markupMethods
  if (Array.isArray(value)) return value instanceof Tuple ? tupleMethods : listMethods
  if (value instanceof Date) return dateMethods
  if (isMapLike(value)) return multiMethods
  return isPlain(value) ? mapMethods : undefined
}

/**
 * A property, inherited or not; a method belongs to its object. What every object and function inherits is left out: from its
 * `constructor`, a template could come to anything.
 */
function propertyOf(value: unknown, name: string): unknown {
  if (value === null || (typeof value === 'function' && !Object.prototype.propertyIsEnumerable.call(value, name)))
    return undefined
  const object = value as Readonly<Record<string, unknown>>
  const isHidden = name === 'constructor' || name.startsWith('__')
  if (isHidden && !Object.hasOwn(Object(value) as object, name)) return undefined
  const found = object[name]
  if (typeof found !== 'function') return found
  if (found === Object.prototype[name as keyof object]) return undefined
  return isNative(found) ? found : found.bind(object)
}
