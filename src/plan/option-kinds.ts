import { AsyncLocalStorage } from 'node:async_hooks'
import { isAbsolute } from 'node:path'
import { domainToASCII } from 'node:url'
import { types } from 'node:util'
import { describe } from '../errors/describe'
import { didYouMean } from '../errors/did-you-mean'
import { SetupError } from '../errors/setup-error'
import { isSchema } from '../schema/standard-schema'
import { isRecord } from '../util/is-record'
import { isDelay } from '../util/longest-delay'

/** What an option may be. */
export type OptionKind =
  | 'text'
  | 'count'
  | 'field'
  | 'keys'
  | 'storage'
  | 'boolean'
  | 'function'
  | 'functions'
  | 'object'
  | 'list'
  | 'secret'
  | 'logger'
  | 'url'
  | 'hosts'
  | 'milliseconds'
  | 'delay'
  | 'doc'
  | 'content'
  | 'security'
  | 'responses'
  | 'mismatch'
  | 'debug'
  | 'texts'
  | 'names'
  | 'folder'
  | 'order'
  | 'anything'
export type OptionKinds<Options> = Readonly<Record<keyof Options, OptionKind>>

const isCount = (value: unknown) => Number.isInteger(value) && Number(value) >= 0
const isText = (value: unknown) => typeof value === 'string' && value !== ''
const isFunction = (value: unknown) => typeof value === 'function'
const isBaseUrl = (value: unknown) =>
  typeof value === 'string' && /^https?:\/\/[^?#]+$/.test(value) && URL.canParse(value)
const HOST_NAME = /^\.?(?:\[[\da-f:.]+\]|[^.*:/\\?#@\s][^*:/\\?#@\s]*)$/i
const isHostName = (value: unknown) =>
  typeof value === 'string' && HOST_NAME.test(value) && domainToASCII(value.replace(/^\./, '')) !== ''
const isKeygrip = (value: unknown) =>
  isRecord(value) && isFunction(value.sign) && isFunction(value.verify) && isFunction(value.index)
const isKey = (value: unknown) => isText(value) || value instanceof Uint8Array
const isSecurity = (value: unknown) =>
  isRecord(value) && Object.values(value).every(scopes => Array.isArray(scopes) && scopes.every(isText))
const isResponses = (value: unknown) => isRecord(value) && !isSchema(value) && Object.entries(value).every(isResponse)
const isResponse = ([status, declared]: [string, unknown]) =>
  /^[1-5]\d\d$/.test(status) && (declared === null || typeof declared === 'string' || isSchema(declared))
const isContent = (value: unknown) =>
  isRecord(value) && isRecord(value.content) && Object.values(value.content).every(isRecord)
const isLogger = (value: unknown) => typeof (value as Partial<Console> | null)?.error === 'function'
const OPTION_KINDS: Readonly<Record<OptionKind, { readonly expected: string; fits(value: unknown): boolean }>> = {
  boolean: { expected: 'true or false', fits: value => typeof value === 'boolean' },
  function: { expected: 'a function', fits: isFunction },
  functions: {
    expected: 'a list of functions that are no generators',
    fits: value => Array.isArray(value) && value.every(each => isFunction(each) && !types.isGeneratorFunction(each)),
  },
  object: { expected: 'an object', fits: isRecord },
  text: { expected: 'a text', fits: value => typeof value === 'string' },
  count: { expected: 'a whole number from 0 up', fits: isCount },
  field: {
    expected: 'the name of a header field',
    fits: value => typeof value === 'string' && /^[\w!#$%&'*+.^`|~-]+$/.test(value),
  },
  keys: {
    expected: 'a list of secrets that are not empty, or a Keygrip',
    fits: value => (Array.isArray(value) ? value.length > 0 && value.every(isKey) : isKeygrip(value)),
  },
  storage: {
    expected: 'true, false or an AsyncLocalStorage',
    fits: value => typeof value === 'boolean' || value instanceof AsyncLocalStorage,
  },
  list: { expected: 'a list', fits: Array.isArray },
  logger: { expected: 'an object with the method error, or false', fits: value => value === false || isLogger(value) },
  secret: {
    expected: 'a text that is not empty, or a list of such texts',
    fits: value => (Array.isArray(value) ? value.length > 0 && value.every(isText) : isText(value)),
  },
  url: { expected: 'an absolute http or https URL without query', fits: isBaseUrl },
  hosts: {
    expected: "a list of host names without ports, like 'example.com', or '.example.com' with its subdomains",
    fits: value => Array.isArray(value) && value.length > 0 && value.every(isHostName),
  },
  milliseconds: { expected: 'a whole number of milliseconds from 1 to 2147483647', fits: value => isDelay(value, 1) },
  delay: {
    expected: 'a whole number of milliseconds from 0 to 2147483647',
    fits: value => isDelay(value, 0),
  },
  doc: { expected: 'an object, or false', fits: value => value === false || isRecord(value) },
  content: {
    expected: "an object of OpenAPI with the body by its media types, like { content: { 'text/csv': {} } }",
    fits: isContent,
  },
  security: { expected: 'security schemes with their scopes, like { bearer: [] }', fits: isSecurity },
  responses: { expected: 'a schema, a text or null for each status, like { 401: Problem }', fits: isResponses },
  mismatch: { expected: "'error' or 'log'", fits: value => value === 'error' || value === 'log' },
  debug: {
    expected: "true, false or an object like { show: ['user'] }",
    fits: value => typeof value === 'boolean' || isRecord(value),
  },
  texts: { expected: 'a list of texts', fits: value => Array.isArray(value) && value.every(isText) },
  names: {
    expected: "a list of endpoints, like ['show']",
    fits: value => Array.isArray(value) && value.length > 0 && value.every(isText),
  },
  folder: {
    expected: 'the absolute path of a folder, for instance __dirname',
    fits: value => typeof value === 'string' && isAbsolute(value),
  },
  order: { expected: "'first' or 'last'", fits: value => value === 'first' || value === 'last' },
  anything: { expected: 'anything', fits: () => true },
}

/** Throws a SetupError for an option that does not exist or is of the wrong kind. */
export function checkKinds(options: unknown, kinds: Readonly<Record<string, OptionKind>>, where: string): void {
  if (!isRecord(options)) {
    throw new SetupError('BAD_OPTION', `${where}: the options must be an object, not ${describeList(options)}.`)
  }
  for (const [name, value] of Object.entries(options)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
    if (kind === undefined) {
      const known = Object.keys(kinds)
      const problem = `${where} has no option '${name}'.${didYouMean(name, known)}`
      throw new SetupError('BAD_OPTION', `${problem} It has: ${known.join(', ')}.`)
    }
    if (value === undefined || OPTION_KINDS[kind].fits(value)) continue
    // A secret must not end up in a log.
    const given = kind === 'secret' || kind === 'keys' ? 'what was given' : describeList(value)
    throw new SetupError(
      'BAD_OPTION',
      `${where}: the option ${name} must be ${OPTION_KINDS[kind].expected}, not ${given}.`,
    )
  }
}

const describeList = (value: unknown) =>
  Array.isArray(value) ? `[${value.map(describe).join(', ')}]` : describe(value)
