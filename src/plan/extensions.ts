import { types } from 'node:util'
import { describe } from '../errors/describe'
import { SetupError } from '../errors/setup-error'
import { isRecord } from '../util/is-record'
import { isThenable } from '../util/thenable'
import { checkKinds, type OptionKinds } from './option-kinds'
import type { Extension, ExtensionHost, ExtensionOptions } from './extension'
import { isDebug, type BootstrapOptions, type RootedOptions } from './options'
import { entryFolder } from './entry-folder'

/** An application's options with those of its extensions, which have been set up. */
export interface Extended {
  readonly options: BootstrapOptions & RootedOptions
  readonly extensions: readonly Extension[]
}

/** Checks an extension's options as those of the application are. */
type CheckOptions = (options: ExtensionOptions, where: string) => void

/**
 * Sets up the extensions and adds their options to those of the application.
 *
 * @param caller `bootstrap` or `lifecycle`, whose caller's file is looked for
 * @throws SetupError for what is no extension, and what an extension throws
 */
export function extend(
  options: BootstrapOptions,
  caller: (...args: never[]) => unknown,
  check: CheckOptions,
): Extended {
  const extensions = checkedExtensions(options.extensions ?? [], caller.name)
  const { root = entryFolder(caller), testing = false } = options
  if (extensions.length === 0) return { options: { ...options, root }, extensions }
  const host: ExtensionHost = Object.freeze({ root, isDebug: isDebug(options), isTesting: testing, extensions })
  for (const extension of extensions) refuseAsync(extension.initApp?.(host), 'initApp', extension)
  return { options: { ...withOptionsOf(extensions, options, check), root }, extensions }
}

const KINDS: OptionKinds<Extension> = {
  name: 'text',
  order: 'order',
  blueprint: 'function',
  blueprints: 'list',
  options: 'object',
  needsSession: 'boolean',
  templateGlobals: 'object',
  initApp: 'function',
  attach: 'function',
}

function checkedExtensions(extensions: readonly unknown[], where: string): readonly Extension[] {
  const names = new Set<string>()
  for (const extension of extensions) {
    const { name } = checkedExtension(extension, where)
    if (names.has(name))
      throw new SetupError('BAD_EXTENSION', `${where}: two extensions have the name '${name}'. Give one another name.`)
    names.add(name)
  }
  return Object.freeze([...extensions]) as readonly Extension[]
}

/**
 * Refuses what `initApp` or `attach` has returned if it is a promise, because the application would begin before it has ended, and
 * that of a generator, whose body has not begun.
 *
 * @throws SetupError
 */
export function refuseAsync(result: unknown, method: 'initApp' | 'attach', { name }: Extension): void {
  if (types.isGeneratorObject(result))
    throw new SetupError(
      'BAD_EXTENSION',
      `The extension ${name}: ${method} is a generator, and nothing iterates over it. Leave the * out.`,
    )
  if (!isThenable(result)) return
  result.then(undefined, () => undefined) // without it, a rejection would end the process
  throw new SetupError(
    'BAD_EXTENSION',
    `The extension ${name}: ${method} is asynchronous, and nothing waits for it. Do what takes time in an @OnStart method.`,
  )
}

function checkedExtension(extension: unknown, where: string): Extension {
  if (!isRecord(extension) || typeof extension.name !== 'string' || extension.name === '') {
    throw new SetupError(
      'BAD_EXTENSION',
      `${where}: the extensions must be objects with a name, not ${describe(extension)}.${hintFor(extension)}`,
    )
  }
  const known = Object.keys(KINDS).filter(key => extension[key] !== undefined)
  checkKinds(Object.fromEntries(known.map(key => [key, extension[key]])), KINDS, `the extension ${extension.name}`)
  return extension as unknown as Extension
}

/** A class or the function that makes the extension, in the place of the extension. */
function hintFor(extension: unknown): string {
  if (typeof extension !== 'function') return ''
  const name = extension.name || 'it'
  return ` Call it: ${/^[A-Z]/.test(name) ? `new ${name}()` : `${name}(…)`}.`
}

/** Options that are objects by name: those of the application and of each extension are put together. */
const MERGED = ['converters', 'limits', 'session', 'koa'] as const

function withOptionsOf(extensions: readonly Extension[], own: BootstrapOptions, check: CheckOptions): BootstrapOptions {
  const givers = new Map<string, string>()
  const merged: Record<string, unknown> = { ...own }
  for (const { name, options = {}, blueprints = [] } of extensions) {
    refuseOwnOptions(options, name)
    check(options, `the extension ${name}: options`)
    for (const [key, value] of Object.entries(options)) {
      if (value === undefined) continue
      if (key === 'middleware') merged.middleware = [...listOf(merged.middleware), ...(value as unknown[])]
      else if ((MERGED as readonly string[]).includes(key))
        merged[key] = { ...(value as object), ...(merged[key] as object) }
      else if (own[key as keyof BootstrapOptions] === undefined) {
        refuseSecond(key, givers.get(key), name)
        givers.set(key, name)
        merged[key] = value
      }
    }
    if (blueprints.length > 0) merged.blueprints = [...listOf(merged.blueprints), ...blueprints]
  }
  return merged
}

/** What extensions are set up with, or are: it is decided before they give their options. */
const OWN_OPTIONS = ['debug', 'testing', 'root', 'extensions']

function refuseOwnOptions(options: object, extension: string): void {
  const key = OWN_OPTIONS.find(each => each in options)
  if (key === undefined) return
  throw new SetupError(
    'BAD_OPTION',
    `The extension ${extension} gives the option ${key}, which the application must have before its extensions are set up. Give it ` +
      `yourself: bootstrap(App, { ${key}: … }).`,
  )
}

const listOf = (value: unknown): readonly unknown[] => (value ?? []) as readonly unknown[]

function refuseSecond(option: string, first: string | undefined, second: string): void {
  if (first === undefined) return
  throw new SetupError(
    'BAD_EXTENSION',
    `The extensions ${first} and ${second} both give the option ${option}. Give it yourself: bootstrap(App, { ${option}: … }).`,
  )
}
