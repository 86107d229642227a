import { type OptionKind } from '../errors/check-options'
import { isRecord } from '../util/is-record'

/** Not a `Map`, `Headers` or `URLSearchParams`: their content has no names that a loop over properties finds. */
const isPlain = (value: unknown): boolean => isRecord(value) && !(Symbol.iterator in value)

export const isHttp = ({ protocol }: URL): boolean => protocol === 'http:' || protocol === 'https:'

export const FIELDS: OptionKind = { expected: 'an object with fields by their names', fits: isPlain }
export const VALUES: OptionKind = { expected: 'an object with values by their names', fits: isPlain }
export const HTTP_URL: OptionKind = {
  expected: 'an absolute http or https URL',
  fits: value => typeof value === 'string' && URL.canParse(value) && isHttp(new URL(value)),
}
export const TEXTS: OptionKind = {
  expected: 'a list of texts',
  fits: value => Array.isArray(value) && value.every(each => typeof each === 'string'),
}
