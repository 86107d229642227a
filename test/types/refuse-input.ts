// Compiled, never run: input and responses that a route declares. Nothing here may compile. What must stand in the
// compiler's message follows each comment, as in refuse.ts.
import { z } from 'zod'
import {
  BeforeAppRequest,
  BeforeRequest,
  AfterRequest,
  Delete,
  ErrorHandler,
  Get,
  makeResponse,
  Post,
  Put,
  Route,
  ValidationError,
} from 'flaskoa'
import type { ArgsOf, Context } from 'flaskoa'
import { ArkUser, Dated, Job, NewUser, Page, Problem, Tenant, Upload, User, ValibotUser } from './schemas'

export class Arguments {
  // @ts-expect-error Type 'string' is not assignable to type 'number'
  @Post('/', { body: NewUser }) wrongType({ body }: { body: { name: number } }) {
    return String(body.name)
  }
  // @ts-expect-error Property 'query' is missing in type '{ body: { name: string; age?: number | undefined; }; }'
  @Post('/', { body: NewUser }) otherLocation({ query }: { query: Page }) {
    return query
  }
  // @ts-expect-error Property 'query' is missing in type '{ body: { name: string; age?: number | undefined; }; }'
  @Post('/', { body: NewUser }) undeclaredToo({ body, query }: { body: NewUser; query: Page }) {
    return [body, query]
  }
  // @ts-expect-error Property 'form' is missing in type
  @Post('/<int:id>', { body: NewUser }) undeclaredText({
    id,
    body,
    form,
  }: {
    id: number
    body: NewUser
    form: string
  }) {
    return [id, body, form]
  }
  // @ts-expect-error Type 'unknown' is not assignable to type '{ name: string; age?: number | undefined; }'
  @Post('/') nothingDeclared({ body }: { body: NewUser }) {
    return body
  }
  // @ts-expect-error Property 'body' is missing in type '{ id: number; }'
  @Post('/<int:id>') nothingDeclaredBesideVariable({ id, body }: { id: number; body: NewUser }) {
    return [id, body]
  }
  // @ts-expect-error Property 'boddy' is missing in type '{ body: { name: string; age?: number | undefined; }; }'
  @Post('/', { body: NewUser }) misspelt({ boddy }: { boddy: NewUser }) {
    return boddy
  }
  // @ts-expect-error Property 'boddy' is missing in type
  @Post('/<int:id>', { body: NewUser }) misspeltBesideVariable({ id, boddy }: { id: number; boddy: NewUser }) {
    return [id, boddy]
  }
  // @ts-expect-error Type '{ body: { name: string; age?: number | undefined; }; }' is missing the following properties from type 'ExtendableContext'
  @Post('/', { body: NewUser }) contextFirst(ctx: Context) {
    return ctx.path
  }
  // @ts-expect-error Property 'idd' is missing in type
  @Put('/<int:id>', { body: NewUser }) misspeltVariable({ idd, body }: { idd: number; body: NewUser }) {
    return [idd, body]
  }
  // @ts-expect-error Type 'number' is not assignable to type 'string'
  @Put('/<int:id>', { body: NewUser }) wrongVariable({ id, body }: { id: string; body: NewUser }) {
    return [id, body]
  }
  // @ts-expect-error Type 'string' is not assignable to type 'Date'
  @Put('/<int:id>', { body: NewUser }) wrongBesidePrefix(args: { id: number; body: { name: Date }; lang: string }) {
    return args.body
  }
  // @ts-expect-error Type 'number' is not assignable to type 'string'
  @Get('/', { defaults: { page: 1 }, query: Page }) wrongDefault({ page, query }: { page: string; query: Page }) {
    return [page, query]
  }
  // @ts-expect-error Type 'Date' is not assignable to type 'string'
  @Get('/', { query: Dated }) whatIsSent({ query }: { query: { day: string } }) {
    return query.day
  }
  // @ts-expect-error Type 'undefined' is not assignable to type 'number'
  @Post('/', { body: NewUser }) optionalInSchema({ body }: { body: { name: string; age: number } }) {
    return body
  }
  // @ts-expect-error Property 'nmae' is missing in type '{ name: string; age?: number | undefined; }'
  @Post('/', { body: ValibotUser }) valibot({ body }: { body: { nmae: string } }) {
    return body
  }
  // @ts-expect-error Type 'number' is not assignable to type 'string'
  @Post('/', { body: ArkUser }) arktype({ body }: { body: { name: string; age?: string } }) {
    return body
  }
  // @ts-expect-error Type 'UploadedFile' is not assignable to type 'string'
  @Post('/', { form: Upload }) file({ form }: { form: { picture: string } }) {
    return form.picture
  }
  // @ts-expect-error Property 'tenant' is missing in type '{ 'x-tenant': string; }'
  @Get('/', { headers: Tenant }) headers({ headers }: { headers: { tenant: string } }) {
    return headers.tenant
  }
  // @ts-expect-error Type 'string' is not assignable to type 'number'
  @Get('/', { cookies: Tenant }) cookies({ cookies }: { cookies: { 'x-tenant': number } }) {
    return cookies
  }
  // @ts-expect-error Type 'string' is not assignable to type 'number'
  @Route('/', { methods: ['PUT'], body: NewUser }) route({ body }: { body: { name: number } }) {
    return body
  }
  // @ts-expect-error Target signature provides too few arguments. Expected 3 or more, but got 2
  @Post('/', { body: NewUser }) tooMany({ body }: { body: NewUser }, ctx: Context, more: string) {
    return [body, ctx.path, more]
  }
  // @ts-expect-error Binding element 'body' implicitly has an 'any' type
  @Post('/', { body: NewUser }) notAnnotated({ body }) {
    return body
  }
  // @ts-expect-error a view must return a response value
  @Post('/', { body: NewUser }) noResponse({ body }: { body: NewUser }) {
    void body
  }
  // @ts-expect-error only instance methods can be decorated, not static ones
  @Post('/', { body: NewUser }) static aStatic({ body }: { body: NewUser }) {
    return body
  }
  // @ts-expect-error Property 'problem' is missing in type 'ValidationError'
  @ErrorHandler(ValidationError) otherError({ problem }: { problem: string }) {
    return problem
  }
}

export class Options {
  // @ts-expect-error the rule '/<body>' has a variable 'body', which is the name of an input: rename it
  @Put('/<body>', { body: NewUser }) variable({ body }: { body: NewUser }) {
    return body
  }
  // @ts-expect-error has a variable 'headers', which is the name of an input: rename it
  @Get('/<int:id>/<query>/<headers>', { query: Page, headers: Tenant }) variables() {
    return ''
  }
  // @ts-expect-error 'bdoy' does not exist in type 'VerbOptions
  @Post('/', { bdoy: NewUser }) misspelt() {
    return ''
  }
  // @ts-expect-error 'respnse' does not exist in type 'VerbOptions
  @Post('/', { body: NewUser, respnse: User }) misspeltBesideOther() {
    return ''
  }
  // @ts-expect-error 'params' does not exist in type 'RouteOptions
  @Route('/', { methods: ['POST'], params: NewUser }) otherName() {
    return ''
  }
  // @ts-expect-error 'name' does not exist in type 'Schema<unknown, unknown>'
  @Post('/', { body: { name: 'string' } }) noSchema() {
    return ''
  }
  // @ts-expect-error Type 'string' is not assignable to type 'Schema<unknown, unknown>'
  @Post('/', { query: 'page' }) text() {
    return ''
  }
  // @ts-expect-error ' is not assignable to type 'Schema<unknown, unknown>'
  @Post('/', { body: () => NewUser }) callback() {
    return ''
  }
  // @ts-expect-error Property ''~standard'' is missing
  @Post('/', { body: NewUser['~standard'] }) inside() {
    return ''
  }
  // @ts-expect-error 'name' does not exist in type 'Schema<unknown, unknown>'
  @Get('/', { response: { 200: { name: 'string' } } }) noResponseSchema() {
    return ''
  }
  // @ts-expect-error Type 'undefined' is not assignable to type 'string | Schema<unknown, unknown> | null'
  @Get('/', { response: { 200: undefined } }) undefinedResponse() {
    return ''
  }
  // @ts-expect-error responses are declared by status: write { 200: … }
  @Get('/', { response: { ok: User } }) noStatus() {
    return ''
  }
  // @ts-expect-error responses are declared by status: write { 200: … }
  @Get('/', { response: 'a page' }) textWithoutStatus() {
    return ''
  }
  // @ts-expect-error 'bdoy' does not exist in type 'Limits'
  @Post('/', { limits: { bdoy: 10 } }) misspeltLimit() {
    return ''
  }
  // @ts-expect-error Type 'string' is not assignable to type 'number'
  @Post('/', { limits: { body: '1mb' } }) wrongLimit() {
    return ''
  }
  // @ts-expect-error 'sumary' does not exist in type 'OperationOptions'. Did you mean to write 'summary'?
  @Post('/', { doc: { sumary: 'a' } }) misspeltDoc() {
    return ''
  }
  // @ts-expect-error Type 'true' is not assignable to type 'false | OperationOptions | undefined'
  @Post('/', { doc: true }) wrongDoc() {
    return ''
  }
  // @ts-expect-error 'bearer' does not exist in type 'readonly Readonly<Record<string, readonly string[]>>[]'
  @Post('/', { doc: { security: { bearer: [] } } }) wrongSecurity() {
    return ''
  }
}

const Owned = z.object({ user: User })
export class Responses {
  // @ts-expect-error Type 'string' is not assignable to type 'number'
  @Get('/<int:id>', { response: User }) otherType({ id }: { id: number }) {
    return { id: String(id), name: '' }
  }
  // @ts-expect-error Property 'name' is missing in type '{ id: number; }'
  @Get('/', { response: User }) missing() {
    return { id: 1 }
  }
  // @ts-expect-error Property 'name' is missing in type '{ id: number; }'
  @Get('/', { response: User }) async missingLater() {
    return Promise.resolve({ id: 1 })
  }
  // @ts-expect-error Property 'name' is missing in type '{ id: number; }'
  @Get('/', { response: User }) perhaps(ctx: Context) {
    return ctx.path ? { id: 1 } : Promise.resolve({ id: 1, name: '' })
  }
  // @ts-expect-error is missing the following properties from type '{ id: number; name: string; }': id, name
  @Get('/', { response: Owned }) unawaited() {
    return { user: Promise.resolve({ id: 1, name: '' }) }
  }
  // @ts-expect-error makeResponse(…, 201): the value does not fit the response declared for 201: look at 'user'
  @Get('/', { response: { 201: z.object({ user: User }) } }) madeUnawaited() {
    return makeResponse({ user: Promise.resolve({ id: 1, name: '' }) }, 201)
  }
  // @ts-expect-error makeResponse(…, 202): 202 is not among the declared responses, 201
  @Post('/', { response: { 201: User } }) otherStatus() {
    return makeResponse({ id: 1, name: '' }, 202)
  }
  // @ts-expect-error makeResponse(…, 201): the value does not fit the response declared for 201: look at 'name'
  @Post('/', { response: { 201: User } }) defaultStatus() {
    return makeResponse({ id: 1, name: 2 })
  }
  // @ts-expect-error makeResponse(…, 200): 200 is not among the declared responses, 201
  @Post('/', { response: { 201: User } }) noDefaultStatus() {
    return makeResponse({ id: 1, name: '' }, 200)
  }
  // @ts-expect-error makeResponse(…, 202): the value does not fit the response declared for 202: look at 'job'
  @Post('/', { response: { 201: User, 202: Job } }) otherValue() {
    return makeResponse({ job: 1, kind: 'mail' }, 202)
  }
  // @ts-expect-error makeResponse(…, 202): the value does not fit the response declared for 202: look at 'kind'
  @Post('/', { response: { 201: User, 202: Job } }) otherLiteral() {
    return makeResponse({ job: '', kind: 'post' }, 202)
  }
  // @ts-expect-error makeResponse(…, 409): the value does not fit the response declared for 409: look at 'title'
  @Post('/', { response: { 201: User, 409: Problem } }) async oneOfTwo(ctx: Context) {
    await Promise.resolve()
    return ctx.query.a ? makeResponse({ titel: 'taken', status: 409 }, 409) : { id: 1, name: '' }
  }
  // @ts-expect-error Property 'name' is missing in type '{ id: number; nam: string; }'
  @Post('/', { response: { 201: User, 409: Problem } }) otherOfTwo(ctx: Context) {
    return ctx.query.a ? makeResponse({ title: 'taken', status: 409 }, 409) : { id: 1, nam: '' }
  }
  // @ts-expect-error makeResponse(…, 400): the value does not fit the response declared for 400
  @Get('/', { response: { 200: z.array(User), 400: z.array(Problem) } }) made() {
    return makeResponse([{ title: '' }], 400)
  }
  // @ts-expect-error makeResponse(…, 404): the value does not fit the response declared for 404
  @Get('/', { response: { 200: z.string(), 404: z.string() } }) madeText() {
    return makeResponse({ text: '' }, 404)
  }
  // @ts-expect-error makeResponse(…, 410): 410 is not among the declared responses, 200
  @Get('/', { response: { 200: User, 404: Problem } }) either(ctx: Context) {
    return makeResponse({ title: '', status: 404 }, ctx.path ? 404 : 410)
  }
  // @ts-expect-error Type '{ id: number; name: string; }' is not assignable to type 'Answer<{ 200: { id: number; name: string; }[]; }>'
  @Get('/', { response: z.array(User) }) list() {
    return { id: 1, name: '' }
  }
  // @ts-expect-error Type '{ id: number; }' is not assignable to type 'Answer<{ 204: void | "" | null | undefined; }>'
  @Get('/', { response: { 204: null } }) withoutBody() {
    return { id: 1 }
  }
  // @ts-expect-error makeResponse(…, 404): the value does not fit the response declared for 404
  @Delete('/', { response: { 204: null, 404: null } }) madeWithoutBody() {
    return makeResponse({ id: 1 }, 404)
  }
  // @ts-expect-error Type 'void' is not assignable to type 'Answer<{ 200: { id: number; name: string; }; }>'
  @Get('/', { response: User }) nothing() {}
  // @ts-expect-error Type 'void' is not assignable to type 'Answer<{ 200: { id: number; name: string; }; }>'
  @Get('/', { response: User }) async nothingLater() {
    await Promise.resolve()
  }
  // @ts-expect-error Type 'string' is not assignable to type 'Answer<{ 200: { id: number; name: string; }; }>'
  @Get('/', { response: User }) text() {
    return 'root'
  }
  // @ts-expect-error Type 'number' is not assignable to type 'Answer<{ 200: ResponseValue; }>'
  @Get('/', { response: { 200: 'a page of HTML' } }) described() {
    return 1
  }
  // @ts-expect-error Type 'Date' is not assignable to type 'string'
  @Get('/', { response: Dated }) whatIsMade() {
    return { day: new Date() }
  }
  // @ts-expect-error Type 'number' is not assignable to type 'string'
  @Get('/', { response: ValibotUser }) valibot() {
    return { name: 1 }
  }
  // @ts-expect-error Type 'string' is not assignable to type 'number'
  @Get('/', { response: { 200: ArkUser } }) arktype() {
    return { name: '', age: '1' }
  }
  // @ts-expect-error Type 'number' is not assignable to type 'Answer<{ 404: { title: string; status: number; }; }
  @Get('/', { response: { 404: Problem } }) onlyErrors() {
    return 1
  }
  // @ts-expect-error makeResponse(…, 404): the value does not fit the response declared for 404: look at 'status'
  @Get('/', { response: { 404: Problem } }) onlyErrorsMade() {
    return makeResponse({ title: '' }, 404)
  }
  // @ts-expect-error only methods can be decorated, not fields, accessors or classes
  @Get('/', { response: User }) field = () => ({ id: 1, name: '' })
}

const createUser = Post('/users/<int:id>', { body: NewUser, response: { 201: User } })
export class ContractFirst {
  // @ts-expect-error Type 'number' is not assignable to type 'string'
  @createUser wrongArgument({ id, body }: { id: string; body: NewUser }) {
    return { id: Number(id), name: body.name }
  }
  // @ts-expect-error Property 'name' is missing in type '{ id: number; }'
  @createUser wrongResult({ id }: ArgsOf<typeof createUser>) {
    return { id }
  }
  @createUser missingName(args: ArgsOf<typeof createUser>) {
    // @ts-expect-error Property 'query' does not exist on type
    return { id: 1, name: args.query }
  }
}

export class Guards {
  // @ts-expect-error 'secruity' does not exist in type 'GuardOptions'. Did you mean to write 'security'?
  @BeforeRequest({ secruity: { bearer: [] } }) misspelt() {}
  // @ts-expect-error 'respnse' does not exist in type 'GuardOptions'. Did you mean to write 'response'?
  @BeforeRequest({ security: { bearer: [] }, respnse: { 401: Problem } }) misspeltBesideOther() {}
  // @ts-expect-error 'bearer' does not exist in type 'readonly string[]'
  @BeforeRequest({ security: [{ bearer: [] }] }) list() {}
  // @ts-expect-error Type 'string' is not assignable to type 'readonly string[]'
  @BeforeRequest({ security: { bearer: 'read' } }) scope() {}
  // @ts-expect-error Type 'string' is not assignable to type 'Readonly<Record<string, readonly string[]>>'
  @BeforeAppRequest({ security: 'bearer' }) name() {}
  // @ts-expect-error Index signature for type 'number' is missing in type 'ZodObject<{ title: ZodString; status: ZodNumber; }, $strip>'
  @BeforeAppRequest({ response: Problem }) withoutStatus() {}
  // @ts-expect-error 'title' does not exist in type 'Schema<unknown, unknown>'
  @BeforeRequest({ response: { 401: { title: 'string' } } }) noSchema() {}
  // @ts-expect-error Type '401' has no properties in common with type 'GuardOptions'
  @BeforeRequest(401) code() {}
  // @ts-expect-error Type 'Context' is not assignable to type 'number'
  @BeforeRequest({ response: { 401: Problem } }) wrongArgument(id: number) {
    void id
  }
  // @ts-expect-error a before hook must return a response value, or nothing to go on
  @BeforeRequest({ response: { 401: Problem } }) wrongResult() {
    return 1
  }
  // @ts-expect-error 'response' does not exist in type 'HookOptions'
  @AfterRequest({ response: { 401: Problem } }) otherHook() {}
}

// @ts-expect-error but the decorator expects 2-3 ~ only methods can be decorated
@BeforeRequest({ security: { bearer: [] } })
export class GuardedClass {}

// @ts-expect-error but the decorator expects 2-3 ~ only methods can be decorated
@createUser
export class RouteClass {}
