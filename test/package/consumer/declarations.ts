// What a library of controllers exports, compiled with `declaration: true`: each inferred type must have a name that the
// declaration file can import from flaskoa.
import {
  AfterAppRequest,
  AfterAppResponse,
  AfterRequest,
  AfterResponse,
  AppErrorHandler,
  AppUrlDefaults,
  AppUrlValuePreprocessor,
  BeforeAppRequest,
  BeforeFirstRequest,
  BeforeRequest,
  Blueprint,
  Delete,
  ErrorHandler,
  Get,
  HttpError,
  OnShutdown,
  OnStart,
  Patch,
  Post,
  Put,
  Route,
  SetupError,
  TeardownAppContext,
  TeardownAppRequest,
  TeardownRequest,
  UrlBuildErrorHandler,
  UrlDefaults,
  UrlValuePreprocessor,
  abort,
  afterThisRequest,
  bootstrap,
  currentApp,
  currentContext,
  flash,
  g,
  getFlashedMessages,
  gracefulShutdown,
  lifecycle,
  makeResponse,
  redirect,
  request,
  session,
  streamWithContext,
  urlFor,
  withAppContext,
  type BootstrapOptions,
  type CheckedRule,
  type Class,
  type Context,
  type ErrorClass,
  type Outcome,
  type Session,
} from 'flaskoa'
import { client as clientOf } from 'flaskoa/client'
import { Get as GetOfContract, Route as RouteOfContract, withPrefix } from 'flaskoa/contract'
import { openapi, openapiBlueprint } from 'flaskoa/openapi'
import { redisSessionStore } from 'flaskoa/session-redis'
import { testClient, testRequestContext } from 'flaskoa/testing'

// Decorators in constants, bare and called
export const Guard = BeforeRequest
export const GuardCalled = BeforeRequest()
export const hooks = {
  AfterAppRequest,
  AfterAppResponse,
  AfterRequest,
  AfterResponse,
  AppErrorHandler,
  AppUrlDefaults,
  AppUrlValuePreprocessor,
  BeforeAppRequest,
  BeforeFirstRequest,
  Blueprint,
  Delete,
  ErrorHandler,
  Get,
  OnShutdown,
  OnStart,
  Patch,
  Put,
  TeardownAppContext,
  TeardownAppRequest,
  TeardownRequest,
  UrlBuildErrorHandler,
  UrlDefaults,
  UrlValuePreprocessor,
}
export const called = [
  AfterRequest(),
  AfterResponse(),
  BeforeFirstRequest(),
  OnShutdown(),
  OnStart(),
  TeardownRequest(),
  TeardownAppContext(),
  UrlValuePreprocessor(),
  UrlDefaults(),
  UrlBuildErrorHandler(),
]
export const afterwards = AfterResponse()
export const created = UrlBuildErrorHandler()

// Decorators with arguments
export const listUsers = Get('/users')
export const showUser = Get('/users/<int:id>', { defaults: { draft: true } })
export const createUser = Post('/users/<any(a,b):kind>', { endpoint: 'create' })
export const anyMethod = Route('/any', { methods: ['GET', 'POST'] })
export const computed = Route('/computed' as string)
export const Missing = ErrorHandler(404)
export const Users = Blueprint('/users/<lang>', { name: 'users' })

// Functions that return a decorator
export function AdminRoute<const Rule extends string>(rule: CheckedRule<Rule>) {
  return Get(rule)
}
export function AdminPost<const Rule extends string>(rule: CheckedRule<Rule>, endpoint: string) {
  return Post(rule, { endpoint, defaults: { admin: true } })
}
export const Versioned = (version: number) => Blueprint(`/v${version}`)
export const Catch = <Kind extends ErrorClass>(kind: Kind) => ErrorHandler(kind)
export const OnStatus = (status: number) => AppErrorHandler(status)

// Errors
export class OutOfStock extends HttpError {
  static status = 409
}
export const outOfStock = new OutOfStock('only 2 left')
export const teapot = new HttpError('short and stout', { status: 418 })
export const AnyHttpError = HttpError
export const isOurs = (error: unknown) => (error instanceof HttpError ? error : undefined)
export const codeOf = (error: SetupError) => error.code

// Decorated classes
@Users
export class Controller {
  @Guard
  guard(ctx: Context) {
    return ctx.get('x') ? undefined : redirect('/')
  }
  @listUsers
  list() {
    flash('listed')
    return makeResponse({ messages: getFlashedMessages({ withCategories: true }) })
  }
  @showUser
  show({ id, draft }: { id: number; draft: boolean }) {
    return { id, draft, url: urlFor('users.list') }
  }
  @AdminRoute('/admin/<name>')
  admin({ name }: { name: string }) {
    return streamWithContext([name])
  }
  @AdminPost('/admin/<int:id>', 'save')
  save({ id, admin }: { id: number; admin: boolean }) {
    return [id, admin]
  }
  @Missing
  missing(error: HttpError) {
    return error.message
  }
  @Catch(OutOfStock)
  conflict(error: OutOfStock) {
    return makeResponse(error, error.status, error.headers)
  }
  @afterwards
  log(outcome: Outcome) {
    return outcome
  }
}

export function Audited<Base extends Class>(base: Base) {
  class Auditing extends base {
    @BeforeRequest audit() {
      return undefined
    }
  }
  return Auditing
}

// What the functions return
export const options = { secretKey: 'secret', blueprints: [Controller] } satisfies BootstrapOptions
export const app = bootstrap(class {}, options)
export const started = app.on('requestStarted', ctx => ctx.path)
export const withMore = bootstrap(Controller, options).use(async (_ctx, next) => next())
export const middleware = lifecycle(Controller)
export const client = testClient(app)
export const answer = () => client.get('/', { followRedirects: true })
export const inContext = () => withAppContext(app, () => currentApp())
export const inRequest = () => testRequestContext(app, '/', () => currentContext())
export const shutdown = () => gracefulShutdown(app.listen(0))
export const current = { g, request, session }
export const later = () => afterThisRequest(response => response)
export const fail = () => abort(404)
export const document = openapi(app, { info: { title: 'Library', version: '1' } })
export const documentation = () => openapiBlueprint({ info: document.info, docs: false })
export const store = redisSessionStore({} as Parameters<typeof redisSessionStore>[0])
export const copy = (from: Session) => ({ ...from })

// A contract and its client
export const showShared = GetOfContract('/shared/<int:id>', { defaults: { lang: 'en' } })
export const editShared = RouteOfContract('/shared', { methods: ['PUT', 'POST'] })
export const shared = withPrefix('/<org>', { showShared, editShared })
export const api = clientOf('http://127.0.0.1', { shared, showShared })
export const answered = async () => api.shared.showShared({ org: 'a', id: 1 })
