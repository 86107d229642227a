import type { BlueprintEntry, BlueprintOptions, Class } from '../decorators/types'
import type { DeclaredRoute, GuardOptions, HookOptions, OperationOptions } from '../decorators/route-options'
import { SetupError } from '../errors/setup-error'
import type { Limits } from '../input/limits'
import type { ShutdownOptions } from '../types'
import { checkReachable } from './check-limits'
import { checkKinds, type OptionKind, type OptionKinds } from './option-kinds'
import type { Extension } from './extension'
import type { BootstrapOptions, DebugOptions, LifecycleOptions } from './options'
import { checkProduction } from './production'

const LIFECYCLE_OPTIONS: OptionKinds<LifecycleOptions> = {
  secretKey: 'secret',
  session: 'object',
  blueprints: 'list',
  extensions: 'list',
  root: 'folder',
  resolve: 'function',
  converters: 'object',
  baseUrl: 'url',
  trustedHosts: 'hosts',
  requestTimeout: 'milliseconds',
  asyncContext: 'boolean',
  limits: 'object',
  toJsonSchema: 'function',
  problemDetails: 'boolean',
  responseMismatch: 'mismatch',
  debug: 'debug',
  serverTiming: 'boolean',
  testing: 'boolean',
  propagateExceptions: 'boolean',
  trapHttpExceptions: 'boolean',
  preserveContextOnException: 'boolean',
  afterRequestOnUnhandledError: 'boolean',
}
const BOOTSTRAP_OPTIONS: OptionKinds<BootstrapOptions> = {
  ...LIFECYCLE_OPTIONS,
  middleware: 'functions',
  logger: 'logger',
  koa: 'object',
}

/** By name, because Koa's types leave out some. */
const KOA_OPTIONS: Readonly<Record<string, OptionKind>> = {
  env: 'text',
  keys: 'keys',
  proxy: 'boolean',
  subdomainOffset: 'count',
  proxyIpHeader: 'field',
  maxIpsCount: 'count',
  compose: 'function',
  asyncLocalStorage: 'storage',
}

const DEBUG_OPTIONS: OptionKinds<DebugOptions> = { show: 'texts' }

const LIMITS: OptionKinds<Limits> = {
  body: 'count',
  form: 'count',
  fileSize: 'count',
  fieldSize: 'count',
  files: 'count',
  fields: 'count',
  memory: 'count',
}

const SHUTDOWN_OPTIONS: OptionKinds<ShutdownOptions> = {
  timeout: 'milliseconds',
  grace: 'milliseconds',
  delay: 'delay',
  app: 'object',
  logger: 'logger',
}

// 'anything': the code that uses the value checks it, with an error code of its own.
const VERB_OPTIONS: OptionKinds<Omit<DeclaredRoute, 'methods'>> = {
  endpoint: 'anything',
  alias: 'anything',
  strictSlashes: 'boolean',
  defaults: 'object',
  provideAutomaticOptions: 'boolean',
  limits: 'object',
  doc: 'doc',
  body: 'anything',
  form: 'anything',
  query: 'anything',
  headers: 'anything',
  cookies: 'anything',
  response: 'anything',
}
const ROUTE_OPTIONS: OptionKinds<DeclaredRoute> = { methods: 'anything', ...VERB_OPTIONS }
const DOC_OPTIONS: OptionKinds<OperationOptions> = {
  summary: 'text',
  description: 'text',
  tags: 'list',
  operationId: 'text',
  deprecated: 'boolean',
  security: 'list',
  examples: 'object',
  requestBody: 'content',
}
const HOOK_OPTIONS: OptionKinds<HookOptions> = { only: 'names', except: 'names' }
const GUARD_OPTIONS: OptionKinds<GuardOptions> = { ...HOOK_OPTIONS, security: 'security', response: 'responses' }
const BLUEPRINT_OPTIONS: OptionKinds<BlueprintOptions> = { name: 'anything', blueprints: 'list', defaults: 'object' }
const BLUEPRINT_ENTRY: OptionKinds<Exclude<BlueprintEntry, Class>> = {
  blueprint: 'anything',
  prefix: 'anything',
  name: 'anything',
  defaults: 'object',
}

/** Throws a SetupError for an option that does not exist or is of the wrong type. */
export function checkOptions(options: LifecycleOptions, where: 'bootstrap' | 'lifecycle'): void {
  checkKinds(options, where === 'bootstrap' ? BOOTSTRAP_OPTIONS : LIFECYCLE_OPTIONS, where)
  if (where === 'bootstrap') {
    const { koa = {} } = options as BootstrapOptions
    checkKinds(koa, KOA_OPTIONS, 'bootstrap: koa')
  }
  if (typeof options.debug === 'object') checkKinds(options.debug, DEBUG_OPTIONS, `${where}: debug`)
  checkProduction(options, where)
}

/** Checks what options of the application and of its extensions may decide together. */
export function checkTogether({ options, extensions }: Together, where: 'bootstrap' | 'lifecycle'): void {
  checkLimits(options.limits, {}, where)
  if (where !== 'bootstrap') return
  if (options.session !== undefined) checkSecret(options, 'the option session')
  const needing = extensions.find(({ needsSession }) => needsSession)
  if (needing !== undefined) checkSecret(options, `the extension ${needing.name}`)
}

interface Together {
  readonly options: BootstrapOptions
  readonly extensions: readonly Extension[]
}

/** What the application alone decides. */
const OWN = ['extensions', 'blueprints', 'root', 'debug', 'testing']
const without = (kinds: Readonly<Record<string, OptionKind>>) =>
  Object.fromEntries(Object.entries(kinds).filter(([name]) => !OWN.includes(name)))

/** The same check for the options that an extension gives to an application of `bootstrap`. */
export const checkExtensionOptions = (options: object, where: string) =>
  checkKinds(options, without(BOOTSTRAP_OPTIONS), where)

/** The same check for those that it gives to `lifecycle`. */
export const checkLifecycleExtension = (options: object, where: string) =>
  checkKinds(options, without(LIFECYCLE_OPTIONS), `${where} in lifecycle`)

/**
 * Refuses a session without a key. Without the option session there may be no session at all, and the Koa application
 * that `lifecycle` runs in may get its keys later.
 *
 * @param what needs the session
 */
function checkSecret({ session, secretKey, koa }: BootstrapOptions, what: string): void {
  if (session?.signed === false || secretKey !== undefined || koa?.keys !== undefined) return
  throw new SetupError(
    'BAD_OPTION',
    `bootstrap: ${what} needs secretKey, a long and random text that signs the cookie of the session. Or give Koa its ` +
      'keys, koa: { keys: [...] }. With session: { signed: false } any client can change its session.',
  )
}

/** The same check for the options of `gracefulShutdown`. */
export const checkShutdownOptions = (options: ShutdownOptions) =>
  checkKinds(options, SHUTDOWN_OPTIONS, 'gracefulShutdown')

/**
 * The same check for the options of a route.
 *
 * @param verb the method of `@Get` and the like, which have no `methods`; `undefined` for `@Route`
 * @param where for errors: `Users.show: @Get`
 */
export function checkRouteOptions(
  options: DeclaredRoute,
  verb: string | undefined,
  appLimits: Limits | undefined,
  where: string,
): void {
  if (verb === undefined) checkKinds(options, ROUTE_OPTIONS, where)
  // `methodsOf` has refused methods, unless they are undefined.
  else
    checkKinds(Object.fromEntries(Object.entries(options).filter(([name]) => name !== 'methods')), VERB_OPTIONS, where)
  checkKinds(options.doc || {}, DOC_OPTIONS, `${where}: doc`)
  checkRequestBody(options, where)
  checkLimits(options.limits, appLimits, where)
}

/** The options `body` and `form` are checked, so what they say is true. */
function checkRequestBody({ doc, body, form }: DeclaredRoute, where: string): void {
  const declared = body !== undefined ? 'body' : form !== undefined ? 'form' : undefined
  if (!doc || doc.requestBody === undefined || declared === undefined) return
  throw new SetupError(
    'BAD_OPTION',
    `${where} has both the option ${declared} and doc.requestBody, but the document describes one body. Leave doc.requestBody ` +
      'out, which is for a view that reads the body itself.',
  )
}

function checkLimits(limits: Limits = {}, around: Limits | undefined, where: string): void {
  checkKinds(limits, LIMITS, `${where}: limits`)
  checkReachable(limits, around, where)
}

/** The same check for the options of `@BeforeRequest` and `@BeforeAppRequest`. */
export const checkGuardOptions = (options: GuardOptions, where: string) => checkKinds(options, GUARD_OPTIONS, where)

/** The same check for the options of the other hooks. */
export const checkHookOptions = (options: HookOptions, where: string) => checkKinds(options, HOOK_OPTIONS, where)

/** The same check for the options of `@Blueprint`. */
export const checkBlueprintOptions = (options: BlueprintOptions, where: string) =>
  checkKinds(options, BLUEPRINT_OPTIONS, where)

/** The same check for `{ blueprint, prefix, name, defaults }`. */
export const checkBlueprintEntry = (entry: object, where: string) => checkKinds(entry, BLUEPRINT_ENTRY, where)
