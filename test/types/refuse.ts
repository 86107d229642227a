// Compiled, never run: nothing here may compile. What follows `@ts-expect-error` must stand in the compiler's message,
// in both dialects, under every compiler (scripts/test-types.mjs); `legacy ~ standard` where the two must differ.
import {
  abort,
  AfterRequest,
  BeforeFirstRequest,
  BeforeRequest,
  Blueprint,
  bootstrap,
  ErrorHandler,
  g,
  Get,
  HttpError,
  makeResponse,
  Post,
  Route,
  session,
  AfterResponse,
  OnShutdown,
  OnStart,
  TeardownRequest,
  UrlDefaults,
  UrlValuePreprocessor,
  decorate,
} from 'flaskoa'
import type { Context, Response, SetupErrorCode } from 'flaskoa'

class NotInStock extends Error {
  constructor(readonly item: string) {
    super(item)
  }
}

class NotForSale extends Error {
  readonly until = new Date()
}

export class Arguments {
  // @ts-expect-error Type 'number' is not assignable to type 'string'
  @Route('/<int:id>') wrongType({ id }: { id: string }) {
    return id
  }
  // @ts-expect-error Property 'idd' is missing in type '{ id: number; }'
  @Route('/<int:id>') misspelt({ idd }: { idd: number }) {
    return String(idd)
  }
  // @ts-expect-error Type 'number' is not assignable to type 'string'
  @Route('/<int:id>') wrongTypeBesidePrefix({ id, lang }: { id: string; lang: string }) {
    return id + lang
  }
  // @ts-expect-error Property 'lang' is missing in type '{ id: number; }'
  @Route('/<int:id>') onlyOfPrefix({ lang }: { lang: string }) {
    return lang
  }
  // @ts-expect-error Property 'idd' is missing in type '{ id: number; name: string; }'
  @Get('/<int:id>/<name>') misspeltBesideOther({ idd, name }: { idd: number; name: string }) {
    return name + String(idd)
  }
  // @ts-expect-error Property 'lang' is missing in type 'Context
  @Get('/') prefixAlone({ lang }: { lang: string }) {
    return lang
  }
  // @ts-expect-error Type '{ id: number; }' is not assignable to type 'Context'
  @Route('/<int:id>') contextFirst(ctx: Context) {
    return ctx.path
  }
  // @ts-expect-error Property 'id' is missing in type 'Context
  @Route('/') noVariables({ id }: { id: number }) {
    return String(id)
  }
  // @ts-expect-error Target signature provides too few arguments. Expected 3 or more, but got 2
  @Route('/<int:id>') tooMany({ id }: { id: number }, ctx: Context, more: string) {
    return [id, ctx.path, more]
  }
  // @ts-expect-error Type '{ page: number; }' is not assignable to type '{ page: string; }'
  @Route('/', { defaults: { page: 1 } }) wrongDefault({ page }: { page: string }) {
    return page
  }
  // @ts-expect-error Type '"dog"' is not assignable to type '"cat"'
  @Route('/<any(cat,dog):kind>') narrower({ kind }: { kind: 'cat' }) {
    return kind
  }
  // @ts-expect-error Type 'Context' is not assignable to type 'string'
  @BeforeRequest wrongContext(ctx: string) {
    void ctx
  }
  // @ts-expect-error Target signature provides too few arguments. Expected 1 or more, but got 0
  @BeforeFirstRequest() takesNothing(ctx: Context) {
    void ctx
  }
  // @ts-expect-error Type 'Response' is not assignable to type 'Context'
  @AfterRequest contextOnly(ctx: Context) {
    return ctx.response
  }
  // @ts-expect-error Type 'Error | undefined' is not assignable to type 'Error'
  @TeardownRequest() alwaysAnError(error: Error) {
    void error
  }
  // @ts-expect-error Type 'Outcome' is not assignable to type 'number'
  @AfterResponse log(status: number) {
    void status
  }
  // @ts-expect-error Target signature provides too few arguments
  @OnStart() withArguments(signal: string) {
    void signal
  }
  // @ts-expect-error Type 'string | undefined' is not assignable to type 'string'
  @OnShutdown() alwaysASignal(signal: string) {
    void signal
  }
  // @ts-expect-error Type 'undefined' is not assignable to type 'Record<string, unknown>'
  @UrlValuePreprocessor alwaysValues(_endpoint: string | undefined, values: Record<string, unknown>) {
    delete values.lang
  }
  // @ts-expect-error Target signature provides too few arguments. Expected 3 or more, but got 2
  @UrlDefaults() contextToo(_endpoint: string, _values: Record<string, unknown>, ctx: Context) {
    void ctx
  }
  // @ts-expect-error Property 'until' is missing in type 'NotInStock'
  @ErrorHandler(NotInStock) otherClass(error: NotForSale) {
    return error.until.toString()
  }
  // @ts-expect-error Property 'item' is missing in type 'HttpError<number>'
  @ErrorHandler(404) notAnHttpError(error: NotInStock) {
    return error.item
  }
}

export class Results {
  // @ts-expect-error a view must return a response value
  @Route('/') nothing() {}
  // @ts-expect-error a view must return a response value
  @Route('/') async nothingLater() {
    await Promise.resolve()
  }
  // @ts-expect-error a view must return a response value
  @Get('/') perhaps(ctx: Context) {
    return ctx.get('x') || undefined
  }
  // @ts-expect-error a view must return a response value
  @Get('/') nothingAsNull() {
    return null
  }
  // @ts-expect-error a view must return a response value
  @Post('/') count() {
    return 1
  }
  // @ts-expect-error a view must return a response value
  @Post('/') yes() {
    return true
  }
  // @ts-expect-error a view must return a response value
  @Get('/') callback() {
    return () => {}
  }
  // @ts-expect-error a view must return a response value
  @Get('/') async callbackLater() {
    return Promise.resolve(() => 'a')
  }
  // @ts-expect-error a view must return a response value
  @Get('/') constructor_() {
    return NotInStock
  }
  // @ts-expect-error a view must return a response value
  @Get('/') anything(): unknown {
    return ''
  }
  // @ts-expect-error a before hook must return a response value, or nothing to go on
  @BeforeRequest hookCount() {
    return 1
  }
  // @ts-expect-error a before hook must return a response value, or nothing to go on
  @BeforeRequest() hookYes() {
    return true
  }
  // @ts-expect-error an after hook must return a response
  @AfterRequest afterNothing(response: Response) {
    response.set('a', 'b')
  }
  // @ts-expect-error an after hook must return a response
  @AfterRequest() async afterNothingLater(response: Response) {
    return Promise.resolve(response.get('a') ? response : undefined)
  }
  // @ts-expect-error an after hook must return a response
  @AfterRequest afterValue() {
    return 'a value is not a response'
  }
  // @ts-expect-error an error handler must return a response value
  @ErrorHandler(500) handlesNothing(error: HttpError) {
    void error
  }
  // @ts-expect-error what it throws, also by abort(), is a 500: return makeResponse(…), or call the handler for HttpError
  @ErrorHandler(RangeError) abortsInHandler(error: RangeError) {
    abort(404, error.message)
  }
  // @ts-expect-error if it only throws, write
  @Get('/throws') throwsInView() {
    throw new RangeError()
  }
}

export class Rules {
  // @ts-expect-error a rule starts with '/': write '/users'
  @Route('users') relative() {
    return ''
  }
  // @ts-expect-error unknown converter 'integer' in the rule '/<integer:id>'
  @Get('/<integer:id>') unknownConverter({ id }: { id: number }) {
    return String(id)
  }
  // @ts-expect-error the rule '/a/<int:id' opens a '<' that it does not close
  @Post('/a/<int:id') unclosed() {
    return ''
  }
  // @ts-expect-error Did you mean to write 'methods'?
  @Route('/', { method: 'POST' }) misspeltOption() {
    return ''
  }
  // @ts-expect-error 'methods' does not exist in type 'VerbOptions
  @Get('/', { methods: ['POST'] }) verbWithMethods() {
    return ''
  }
  // @ts-expect-error Expected 1-2 arguments, but got 0
  @Route() noRule() {
    return ''
  }
  // @ts-expect-error is not assignable to parameter of type 'string'
  @Route bareRoute() {
    return ''
  }
  // @ts-expect-error but the decorator expects 1 ~ is not assignable to parameter of type 'number | ErrorClass'
  @ErrorHandler bareHandler() {
    return ''
  }
  // @ts-expect-error 'string' is not assignable to parameter of type 'number | ErrorClass'
  @ErrorHandler('404') textCode() {
    return ''
  }
  // @ts-expect-error overloads do exist that expect either 0 or 2 arguments
  @BeforeRequest('/') hookWithRule() {}
}

export class Places {
  // @ts-expect-error only instance methods can be decorated, not static ones
  @BeforeRequest static bareStatic() {}
  // @ts-expect-error only instance methods can be decorated, not static ones
  @Get('/') static calledStatic() {
    return ''
  }
  // @ts-expect-error Decorators are not valid here ~ a #private method cannot be decorated
  @BeforeRequest #secret() {}
  // @ts-expect-error only methods can be decorated, not fields, accessors or classes
  @BeforeRequest field = 1
  // @ts-expect-error only methods can be decorated, not fields, accessors or classes
  @Get('/') arrow = () => ''
  // @ts-expect-error only methods can be decorated ~ an after hook must return a response
  @AfterRequest() get getter() {
    return 'a'
  }
  // @ts-expect-error only methods can be decorated ~ Type 'Context' is not assignable to type 'string'
  @BeforeRequest set setter(value: string) {
    void value
  }
  // @ts-expect-error only methods can be decorated
  @BeforeRequest accessor automatic = 1
  use() {
    this.#secret()
  }
  // @ts-expect-error is not assignable to parameter of type 'Class'
  @Blueprint('/') method() {}
  // @ts-expect-error is not assignable to parameter of type 'ClassDecoratorContext ~ is not assignable to parameter of type 'Class'
  @Blueprint('/') static staticMethod() {}
  // @ts-expect-error is not assignable to parameter of type 'Class'
  @Blueprint('/') blueprintField = 1
}

// @ts-expect-error No overload expects 1 arguments ~ only methods can be decorated
@BeforeRequest
export class BareClass {}

// @ts-expect-error but the decorator expects 2-3 ~ only methods can be decorated
@Route('/')
export class RouteClass {}

// @ts-expect-error a rule starts with '/': write '/users'
@Blueprint('users')
export class RelativePrefix {}

// @ts-expect-error Type 'string' is not assignable to type 'BlueprintEntry'
@Blueprint('/', { blueprints: ['users'] })
export class NoBlueprint {}

// @ts-expect-error Type 'string' is not assignable to type 'BlueprintEntry'
@Blueprint({ blueprints: ['users'] })
export class NoBlueprintWithoutPrefix {}

// @ts-expect-error 'nam' does not exist in type 'BlueprintOptions'
@Blueprint({ nam: 'users' })
export class MisspeltOption {}

// @ts-expect-error is not assignable to parameter of type 'string | BlueprintOptions
@Blueprint
export class BareBlueprint {}

// @ts-expect-error Cannot assign an abstract constructor type to a non-abstract constructor type
@Blueprint('/abstract')
export abstract class Abstract {}

// @ts-expect-error Property 'usernam' does not exist on type 'Globals'
g.usernam = 'root'
// @ts-expect-error Property 'fo' does not exist on type 'Session'
session.fo = 'bar'
export function misspelt(ctx: Context) {
  // @ts-expect-error Property 'fo' does not exist on type 'Session'
  return ctx.session.fo
}
// @ts-expect-error Cannot assign to 'isNew' because it is a read-only property
session.isNew = true
export function assigned(ctx: Context) {
  // @ts-expect-error 'fo' does not exist in type
  ctx.session = { fo: 'bar' }
  // @ts-expect-error has no properties in common with type 'AssignedSession'
  ctx.session = 5
}
// @ts-expect-error 'Promise<string>' is not assignable to parameter of type 'ResponseValue'
void makeResponse(Promise.resolve('a forgotten await'))

class OutOfStock extends HttpError {
  static status = 409
  left = 0
}
export class OwnErrors {
  // @ts-expect-error Property 'item' is missing in type 'OutOfStock'
  @ErrorHandler(OutOfStock) otherClass(error: NotInStock) {
    return error.item
  }
  // @ts-expect-error Property 'left' is missing in type 'HttpError<number>'
  @ErrorHandler(409) everyConflict(error: OutOfStock) {
    return String(error.left)
  }
  @ErrorHandler(OutOfStock) misspelt(error: OutOfStock) {
    // @ts-expect-error Property 'lef' does not exist on type 'OutOfStock'
    return String(error.lef)
  }
}
// @ts-expect-error Type 'string' is not assignable to type 'number'
void new OutOfStock('none left', { status: '409' })
// @ts-expect-error Argument of type 'number' is not assignable to parameter of type 'string'
void new OutOfStock(2)
// @ts-expect-error is not assignable to type '"FLASKOA_
export const unprefixed: SetupErrorCode = 'DUPLICATE_RULE'

const app = bootstrap(Results)
// @ts-expect-error Type 'LogEntry' is not assignable to type 'string'
bootstrap(Results, { logger: { error: (text: string) => console.log(text) } })
// @ts-expect-error Type 'Context' is not assignable to type 'string'
app.on('requestStarted', (path: string) => path)
// @ts-expect-error 'ctx' is possibly 'undefined'
app.once('appContextPushed', ctx => ctx.path)
// @ts-expect-error Type 'string' is not assignable to type 'number'
app.prependListener('messageFlashed', (_message, category: number) => category)
// @ts-expect-error Target signature provides too few arguments
app.addListener('requestFinished', (_response, _ctx, more: string) => more)

export class Matched {
  @BeforeRequest guard(ctx: Context) {
    // @ts-expect-error Cannot assign to 'endpoint' because it is a read-only property
    ctx.request.endpoint = 'index'
    // @ts-expect-error 'ctx.request.viewArgs' is possibly 'undefined'
    void ctx.request.viewArgs.id
  }
}

class Undecorated {
  index() {
    return ''
  }
}
// @ts-expect-error 'indx' does not exist in type
decorate(Undecorated, { indx: Get('/') })
// @ts-expect-error not assignable to type 'AnyMethodDecorator
decorate(Undecorated, { index: 'get' })

// @ts-expect-error No overload matches this call
abort({ status: 404 })
// @ts-expect-error No overload matches this call
abort(new HttpError('gone'))

export class OnlyThrows {
  // @ts-expect-error if it only throws, write
  @ErrorHandler(RangeError) rethrows(error: RangeError) {
    throw error
  }
}
