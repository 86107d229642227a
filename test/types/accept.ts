// Compiled, never run: everything here must compile in both dialects, under every compiler.
import { Readable } from 'node:stream'
import {
  abort,
  AfterAppRequest,
  AfterRequest,
  AppErrorHandler,
  BeforeAppRequest,
  BeforeFirstRequest,
  BeforeRequest,
  Blueprint,
  bootstrap,
  currentApp,
  Delete,
  ErrorHandler,
  g,
  Get,
  HttpError,
  makeResponse,
  Patch,
  Post,
  Put,
  request,
  Route,
  session,
  AfterAppResponse,
  AfterResponse,
  OnShutdown,
  OnStart,
  TeardownAppRequest,
  type Outcome,
  TeardownRequest,
  UrlDefaults,
  UrlValuePreprocessor,
  decorate,
} from 'flaskoa'
import type {
  Application,
  Context,
  CurrentApplication,
  KoaRequest,
  KoaResponse,
  LifecycleEvents,
  LogEntry,
  Logger,
  Request,
  Response,
  ResponseValue,
  RouteProperties,
  RuleArgs,
  SetupError,
  SetupErrorCode,
} from 'flaskoa'
import createError from 'http-errors'
import Koa from 'koa'

declare module 'flaskoa' {
  interface Globals {
    username: string
  }
  interface SessionData {
    foo?: string
  }
  interface Converters {
    date: Date
  }
}

interface User {
  id: number
  name: string
}

class NotInStock extends Error {
  constructor(readonly item: string) {
    super(item)
  }
}

abstract class DomainError extends Error {
  abstract readonly reason: string
}

// The arguments of a rule
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const rules: true[] = [
  true satisfies Same<RuleArgs<'/users/<int:id>/<path:p>'>, { id: number; p: string }>,
  true satisfies Same<RuleArgs<'/<name>'>, { name: string }>,
  true satisfies Same<RuleArgs<'/<any(a,b):kind>'>, { kind: 'a' | 'b' }>,
  true satisfies Same<RuleArgs<'/<any( "a", b ):kind>.<uuid:key>'>, { kind: 'a' | 'b'; key: string }>,
  true satisfies Same<
    RuleArgs<'/<int(min=1, max=9):n>/<string(length=2):s>/<float:x>'>,
    { n: number; s: string; x: number }
  >,
  true satisfies Same<RuleArgs<'/<date:day>'>, { day: Date }>,
  true satisfies Same<keyof RuleArgs<'' | '/' | '/a/b'>, never>,
  true satisfies Same<RuleArgs<string>, Record<string, unknown>>,
  true satisfies Same<RuleArgs<`/${string}`>, Record<string, unknown>>,
]
void rules

class Bare {
  @BeforeFirstRequest createTables() {}
  @BeforeRequest loadUser() {
    session.foo = 'bar'
    session.permanent = true
    session.modified = true
    g.username = 'root'
  }
  @BeforeAppRequest async everywhere(ctx: Context) {
    await Promise.resolve(ctx.session.foo)
    ctx.session = null
    ctx.session = { foo: 'bar', permanent: true }
    ctx.session = { ...ctx.session }
    session.regenerate()
    session.regenerate(error => error?.message)
    await session.regenerate()
    session.save((error?: Error) => error)
    session.commit({ save: true }, () => undefined)
    await Promise.all([session.save(), session.manuallyCommit(), session.commit({ regenerate: true })])
    true satisfies Same<typeof session.populated, boolean>
    true satisfies Same<typeof session.externalKey, string | undefined>
  }
  @AfterRequest log(response: Response) {
    return response
  }
  @AfterAppRequest async header(response: Response, ctx: Context) {
    response.set('X-Path', ctx.path)
    return Promise.resolve(response)
  }
  @TeardownRequest close(error?: unknown) {
    return String(error)
  }
  @TeardownAppRequest async shut(error: Error | undefined, ctx: Context) {
    await Promise.resolve(error?.message ?? ctx.path)
  }
  @UrlValuePreprocessor takeLanguage(_endpoint: string | undefined, values?: Record<string, unknown>) {
    delete values?.lang
  }
  @UrlDefaults addLanguage(_endpoint: string, values: Record<string, unknown>) {
    values.lang ??= 'en'
  }
}

class Called {
  @BeforeFirstRequest() async createTables() {
    await Promise.resolve()
  }
  @BeforeRequest() guard(ctx: Context) {
    return ctx.get('x') ? undefined : 'log in first'
  }
  @BeforeRequest() maybe(ctx: Context) {
    if (ctx.get('x')) return { error: 'no' }
    return null
  }
  @BeforeAppRequest() async everywhere(): Promise<void> {}
  @AfterRequest() replace() {
    return makeResponse('new', 201)
  }
  @AfterAppRequest() async asynchronous(response: Response): Promise<Response> {
    return Promise.resolve(response)
  }
  @AfterResponse() log({ status, durationMs }: Outcome, { path, signal }: Context) {
    return [path, status, durationMs, signal.aborted]
  }
  @AfterAppResponse async count(outcome: Outcome) {
    await Promise.resolve(outcome.error?.message ?? outcome.route)
  }
  @OnStart connect() {}
  @OnStart open(): unknown {
    return 1
  }
  @AfterResponse() note(outcome: Outcome, ctx: Context): unknown {
    return [outcome, ctx]
  }
  @OnStart() async migrate() {
    return Promise.resolve(1)
  }
  @OnShutdown disconnect() {}
  @OnShutdown() async flush(signal?: string) {
    await Promise.resolve(signal)
  }
  @TeardownRequest() close() {}
  @TeardownAppRequest() shut(error: Error | undefined) {
    return error
  }
  @UrlValuePreprocessor() take(endpoint: string | undefined, _values: unknown, ctx: Context) {
    ctx.state.endpoint = endpoint
  }
  @UrlDefaults() add() {}
}

@Blueprint('/views')
class Views {
  @Route('/') index() {
    return 'Hello world'
  }
  @Route('') prefix(ctx: Context) {
    return ctx.response
  }
  @Route('/', { methods: ['GET', 'POST'], endpoint: 'home', strictSlashes: false, provideAutomaticOptions: false })
  options({ method }: { method: string }) {
    return method
  }
  @Route('/users/<int:id>') show({ id }: { id: number }) {
    return { id }
  }
  @Route('/users/<int:id>/<path:p>') both({ id, p }: RuleArgs<'/users/<int:id>/<path:p>'>, ctx: Context) {
    return [id, p, ctx.path]
  }
  @Route('/a/<b>/<c>') fewer({ b }: { b: string }) {
    return b
  }
  @Route('/a/<b>') none() {
    return Buffer.from('bytes')
  }
  @Route('/a/<b>') loose(args: Record<string, unknown>) {
    return args
  }
  @Route('/a/<b>') fromPrefix({ b, lang }: { b: string; lang?: string }) {
    return b + String(lang)
  }
  @Route('/a/<b>') fromPrefixes({ b, lang, year }: { b: string; lang: 'en' | 'de'; year: number }, ctx: Context) {
    return b + lang + year + ctx.path
  }
  @Get('/b/<int:b>', { defaults: { page: 1 } })
  withDefaults({ b, page, lang }: { b: number; page: number; lang: string }) {
    return lang + b + page
  }
  @Route('/a/<b>') anyPrefix({ b, ...others }: { b: string; [other: string]: unknown }) {
    return [b, others]
  }
  @Route('/<date:day>') day({ day }: { day: Date }) {
    return day.toISOString()
  }
  @Route('/<any(cat,dog):kind>') any({ kind }: { kind: 'cat' | 'dog' }) {
    return kind
  }
  @Route('/pages/', { defaults: { page: 1 } })
  @Route('/pages/<int:page>')
  page({ page }: { page: number }) {
    return String(page)
  }
  @Route('/pages/<name>', { defaults: { page: 1, name: 0 } })
  defaults({ page, name }: { page: number; name: string }, ctx: Context) {
    return page + name + ctx.path
  }
  @Route('/computed' as string) computed({ id }: { id: number }, ctx: Context) {
    return { id, ctx }
  }
  @Get('/g') get(): string | User[] {
    return []
  }
  @Post('/p/<int:id>', { endpoint: 'save', defaults: { draft: true } })
  async post({ id, draft }: { id: number; draft: boolean }): Promise<User> {
    return Promise.resolve({ id, name: String(draft) })
  }
  @Put('/p') put() {
    return Readable.from(['a'])
  }
  @Patch('/p') patch() {
    return new ReadableStream()
  }
  @Delete('/p') async *remove() {
    yield Promise.resolve('a')
  }
  @Get('/whatwg') whatwg() {
    return Response.json({})
  }
  @Get('/json') json() {
    return JSON.parse('{}')
  }
  @Get('/throws') throws(): never {
    throw new NotInStock('x')
  }
  @Get('/blob') blob() {
    return Promise.resolve(new Blob([]))
  }
  @Get('/value') value(): ResponseValue | Promise<ResponseValue> {
    return new Uint8Array()
  }
  @Get('/generic') generic<T extends object>(_ctx: Context, value: T = {} as T) {
    return value
  }
  @Get('/schema') schema() {
    return { if: {}, then: { type: 'string' } }
  }
  @Get('/mixed') mixed(ctx: Context) {
    return ctx.path ? 'now' : Promise.resolve('later')
  }
  @Get('/koa') koa(ctx: Koa.Context) {
    ctx.body = 'written'
    return ctx.response
  }
  @Get('/private') private secret() {
    return new Map<string, string>()
  }
  @Get('/protected') protected reveal(this: Views) {
    return this.secret()
  }
  @Get('/symbol') [Symbol.iterator]() {
    return 'a symbol'
  }
}

class Errors {
  @ErrorHandler(404) notFound(error: HttpError) {
    return error.message
  }
  @AppErrorHandler(500) async failed(error: Error, ctx: Context) {
    return Promise.resolve({ error: error.message, path: ctx.path })
  }
  @ErrorHandler(HttpError) everyCode(error: HttpError) {
    return error.message
  }
  @ErrorHandler(NotInStock) outOfStock({ item }: NotInStock, ctx: Context) {
    ctx.status = 409
    return { item }
  }
  @ErrorHandler(NotInStock) general(error: Error) {
    return error
  }
  @ErrorHandler(DomainError) domain(error: DomainError) {
    return error.reason
  }
  @AppErrorHandler(Error) any(error: unknown) {
    return String(error)
  }
  @ErrorHandler(400)
  @ErrorHandler(NotInStock)
  both(error: HttpError | NotInStock) {
    return error.message
  }
}

// HTTP errors of one's own
class OutOfStock extends HttpError {
  static status = 409
  left = 0
}
class SoldOut extends OutOfStock {
  static override readonly status = 410
  constructor(readonly item: string) {
    super(`no ${item}`, { cause: new Error(), code: 'SOLD_OUT', headers: { 'Retry-After': '60' }, item })
  }
}
abstract class ShopError extends HttpError {
  abstract readonly reason: string
}

class OwnErrors {
  @ErrorHandler(OutOfStock) outOfStock({ left, status, headers }: OutOfStock) {
    return makeResponse({ left }, status, headers)
  }
  @ErrorHandler(SoldOut) soldOut(error: HttpError | SoldOut, ctx: Context) {
    return error.message + ctx.path
  }
  @ErrorHandler(ShopError) shop({ reason, code }: ShopError) {
    return { reason, code: code ?? 'SHOP' }
  }
  @ErrorHandler(createError.NotFound) standard(error: HttpError<404>) {
    return error.message
  }
  @ErrorHandler(422) further({ fields }: HttpError) {
    return [fields]
  }
  @Get('/') returned() {
    return new SoldOut('bolts')
  }
  @Get('/throws') thrown(): string {
    if (g.username === 'root') throw new HttpError('gone', { status: 410, expose: false })
    abort(404)
  }
}
const httpErrors: (HttpError | Error)[] = [new OutOfStock(), new SoldOut('nuts'), createError(404), new HttpError()]
export const isSoldOut = (error: unknown) => error instanceof SoldOut && error.item === 'nuts'
export const statusOf = (error: unknown) => (error instanceof HttpError ? error.status : 500)
export const isDuplicate = ({ code }: SetupError) =>
  code === 'FLASKOA_DUPLICATE_RULE' || code === ('FLASKOA_BAD_RULE' satisfies SetupErrorCode)

// Loggers: pino's type of a method, the console, and an object of one's own
interface PinoFunction {
  (entry: object, message?: string, ...values: unknown[]): void
  (message: string, ...values: unknown[]): void
}
declare const pino: { error: PinoFunction; info: PinoFunction }
export const logging = [
  ...[pino, console, false as const].map(logger => bootstrap(Views, { logger })),
  bootstrap(Views, { logger: { error: ({ err, ctx }, message) => [err?.cause, ctx?.path, message.length] } }),
  bootstrap(Views, { logger: { error: (entry: LogEntry) => entry } satisfies Logger }),
]

// Events of the application
const app: Application = bootstrap(Views)
  .use((_ctx, next) => next())
  .on('appContextPushed', ctx => ctx?.path)
  .once('requestStarted', ctx => (ctx.session.foo = ctx.path))
  .addListener('requestFinished', (response, { path }) => response.set('X-Path', path))
  .prependListener('gotRequestException', async ({ message }, ctx) => Promise.resolve(message + ctx.path))
  .prependOnceListener('messageFlashed', (message, category, ctx) => [message, category.length, ctx.path])
  .on('requestTearingDown', (error, ctx) => [error?.message, ctx.path])
  .on('appContextTearingDown', (error, ctx) => [error?.message, ctx?.path])
  .on('appContextPopped', () => {})
  .on('error', (error, ctx) => [error, ctx])
  .on('error', (error: Error, ctx?: Koa.Context) => [error, ctx])
  .on('an event of its own' as string, (...args: number[]) => args)
  .on(Symbol('event'), (value: string) => value)
const listener = (ctx: Context) => ctx.path
app.off('requestStarted', listener).removeListener('requestStarted', listener)
const ownKoa: Application = new Koa()
const asKoa: Koa = app
export const shutdownSignals: [AbortSignal, AbortSignal | undefined] = [
  bootstrap(Views).shutdownSignal,
  ownKoa.shutdownSignal,
]
const events: true[] = [
  true satisfies Same<LifecycleEvents['requestFinished'], [response: KoaResponse, ctx: Context]>,
  true satisfies Same<[KoaRequest, KoaResponse], [Request, Response]>,
  true satisfies Same<ReturnType<typeof currentApp>, CurrentApplication>,
]

// Several decorators on one method
class Several {
  @BeforeRequest
  @BeforeAppRequest()
  @Get('/a')
  @Post('/b', { methods: undefined } as object)
  all() {
    return 'a'
  }
}

// Inheritance
abstract class Base<T extends object> {
  abstract find(id: number): T
  @Get('/<int:id>') show({ id }: { id: number }) {
    return this.find(id)
  }
  @BeforeRequest protected guard(): string | undefined {
    return undefined
  }
}

@Blueprint('/users', { name: 'people', blueprints: [Views, { blueprint: Errors, prefix: '/e', name: 'e' }] })
class Users extends Base<User> {
  // what a container injects
  constructor(
    readonly users: Map<number, User>,
    private readonly clock: () => Date,
  ) {
    super()
  }
  find(id: number) {
    return this.users.get(id) ?? { id, name: this.clock().toString() }
  }
  @Get('/<int:id>') override show({ id }: { id: number }) {
    return this.find(id)
  }
}

@Blueprint()
class Unnamed {}

@Blueprint('/<lang>')
class Language {
  readonly [name: string]: string | (() => string)
  @Get('/') index() {
    return 'a class with an index signature'
  }
}

@Blueprint(undefined, { name: 'unprefixed' })
class Named {}

// Mixins
function Audited<T extends new (...args: any[]) => object>(base: T) {
  class Mixed extends base {
    @AfterRequest audit(response: Response) {
      return response
    }
  }
  return Mixed
}
class Mixing extends Audited(Users) {
  @TeardownRequest close() {}
}

// Decorators beside those of other packages
function Other(..._args: unknown[]): any {}
class Together {
  @Other @Get('/') @Other index() {
    return ''
  }
}

export {
  asKoa,
  Bare,
  Called,
  events,
  httpErrors,
  Language,
  Mixing,
  Named,
  ownKoa,
  OwnErrors,
  Several,
  Together,
  Unnamed,
}

// What Flask's request knows of the rule
export class Matched {
  @BeforeRequest guard(ctx: Context) {
    const { endpoint, blueprint, blueprints, urlRule, viewArgs } = ctx.request
    true satisfies Same<typeof endpoint, typeof urlRule>
    true satisfies Same<typeof blueprint, string | undefined>
    return [...blueprints, viewArgs?.id, request.endpoint ?? 'none'].includes('admin') ? 'no' : undefined
  }
}
export const ruleOf = ({ endpoint = '', urlRule = '' }: RouteProperties) => endpoint + urlRule
export const ofKoa = (ctx: Koa.Context) => [ruleOf(ctx.request as KoaRequest), ctx._matchedRoute]

@Blueprint({ name: 'plain' })
export class WithoutPrefix {}
@Blueprint({ name: 'around', blueprints: [WithoutPrefix], defaults: { page: 1 } })
export class AroundWithoutPrefix {}
// A class whose instances are decided by `Symbol.hasInstance`, as the declarations of Zod have it
interface SchemaError extends Error {
  issues: readonly string[]
}
declare const SchemaError: {
  new (issues: readonly string[]): SchemaError
  [Symbol.hasInstance](value: unknown): boolean
}
export class OfSchema {
  @ErrorHandler(SchemaError) invalid({ issues }: SchemaError) {
    return issues
  }
}

// Decorators without a compiler
class Undecorated {
  load() {
    return undefined
  }
  index() {
    return 'index'
  }
}
export const decorated: typeof Undecorated = decorate(Undecorated, {
  load: BeforeRequest,
  index: [Get('/'), Get('/index')],
})
