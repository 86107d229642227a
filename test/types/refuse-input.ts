// Compiled, never run: input and responses that a route declares. Nothing here may compile. What follows `@ts-expect-error`
// must stand in the compiler's message (refuse.ts).
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
  // @ts-expect-error X
  @Post('/', { body: NewUser }) wrongType({ body }: { body: { name: number } }) {
    return String(body.name)
  }
  // @ts-expect-error X
  @Post('/', { body: NewUser }) otherLocation({ query }: { query: Page }) {
    return query
  }
  // @ts-expect-error X
  @Post('/', { body: NewUser }) undeclaredToo({ body, query }: { body: NewUser; query: Page }) {
    return [body, query]
  }
  // @ts-expect-error X
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
  // @ts-expect-error X
  @Post('/') nothingDeclared({ body }: { body: NewUser }) {
    return body
  }
  // @ts-expect-error X
  @Post('/<int:id>') nothingDeclaredBesideVariable({ id, body }: { id: number; body: NewUser }) {
    return [id, body]
  }
  // @ts-expect-error X
  @Post('/', { body: NewUser }) misspelt({ boddy }: { boddy: NewUser }) {
    return boddy
  }
  // @ts-expect-error X
  @Post('/<int:id>', { body: NewUser }) misspeltBesideVariable({ id, boddy }: { id: number; boddy: NewUser }) {
    return [id, boddy]
  }
  // @ts-expect-error X
  @Post('/', { body: NewUser }) contextFirst(ctx: Context) {
    return ctx.path
  }
  // @ts-expect-error X
  @Put('/<int:id>', { body: NewUser }) misspeltVariable({ idd, body }: { idd: number; body: NewUser }) {
    return [idd, body]
  }
  // @ts-expect-error X
  @Put('/<int:id>', { body: NewUser }) wrongVariable({ id, body }: { id: string; body: NewUser }) {
    return [id, body]
  }
  // @ts-expect-error X
  @Put('/<int:id>', { body: NewUser }) wrongBesidePrefix(args: { id: number; body: { name: Date }; lang: string }) {
    return args.body
  }
  // @ts-expect-error X
  @Get('/', { defaults: { page: 1 }, query: Page }) wrongDefault({ page, query }: { page: string; query: Page }) {
    return [page, query]
  }
  // @ts-expect-error X
  @Get('/', { query: Dated }) whatIsSent({ query }: { query: { day: string } }) {
    return query.day
  }
  // @ts-expect-error X
  @Post('/', { body: NewUser }) optionalInSchema({ body }: { body: { name: string; age: number } }) {
    return body
  }
  // @ts-expect-error X
  @Post('/', { body: ValibotUser }) valibot({ body }: { body: { nmae: string } }) {
    return body
  }
  // @ts-expect-error X
  @Post('/', { body: ArkUser }) arktype({ body }: { body: { name: string; age?: string } }) {
    return body
  }
  // @ts-expect-error X
  @Post('/', { form: Upload }) file({ form }: { form: { picture: string } }) {
    return form.picture
  }
  // @ts-expect-error X
  @Get('/', { headers: Tenant }) headers({ headers }: { headers: { tenant: string } }) {
    return headers.tenant
  }
  // @ts-expect-error X
  @Get('/', { cookies: Tenant }) cookies({ cookies }: { cookies: { 'x-tenant': number } }) {
    return cookies
  }
  // @ts-expect-error X
  @Route('/', { methods: ['PUT'], body: NewUser }) route({ body }: { body: { name: number } }) {
    return body
  }
  // @ts-expect-error X
  @Post('/', { body: NewUser }) tooMany({ body }: { body: NewUser }, ctx: Context, more: string) {
    return [body, ctx.path, more]
  }
  // @ts-expect-error X
  @Post('/', { body: NewUser }) notAnnotated({ body }) {
    return body
  }
  // @ts-expect-error X
  @Post('/', { body: NewUser }) noResponse({ body }: { body: NewUser }) {
    void body
  }
  // @ts-expect-error X
  @Post('/', { body: NewUser }) static aStatic({ body }: { body: NewUser }) {
    return body
  }
  // @ts-expect-error X
  @ErrorHandler(ValidationError) otherError({ problem }: { problem: string }) {
    return problem
  }
}

export class Options {
  // @ts-expect-error X
  @Put('/<body>', { body: NewUser }) variable({ body }: { body: NewUser }) {
    return body
  }
  // @ts-expect-error X
  @Get('/<int:id>/<query>/<headers>', { query: Page, headers: Tenant }) variables() {
    return ''
  }
  // @ts-expect-error X
  @Post('/', { bdoy: NewUser }) misspelt() {
    return ''
  }
  // @ts-expect-error X
  @Post('/', { body: NewUser, respnse: User }) misspeltBesideOther() {
    return ''
  }
  // @ts-expect-error X
  @Route('/', { methods: ['POST'], params: NewUser }) otherName() {
    return ''
  }
  // @ts-expect-error X
  @Post('/', { body: { name: 'string' } }) noSchema() {
    return ''
  }
  // @ts-expect-error X
  @Post('/', { query: 'page' }) text() {
    return ''
  }
  // @ts-expect-error X
  @Post('/', { body: () => NewUser }) callback() {
    return ''
  }
  // @ts-expect-error X
  @Post('/', { body: NewUser['~standard'] }) inside() {
    return ''
  }
  // @ts-expect-error X
  @Get('/', { response: { 200: { name: 'string' } } }) noResponseSchema() {
    return ''
  }
  // @ts-expect-error X
  @Get('/', { response: { 200: undefined } }) undefinedResponse() {
    return ''
  }
  // @ts-expect-error X
  @Get('/', { response: { ok: User } }) noStatus() {
    return ''
  }
  // @ts-expect-error X
  @Get('/', { response: 'a page' }) textWithoutStatus() {
    return ''
  }
  // @ts-expect-error X
  @Post('/', { limits: { bdoy: 10 } }) misspeltLimit() {
    return ''
  }
  // @ts-expect-error X
  @Post('/', { limits: { body: '1mb' } }) wrongLimit() {
    return ''
  }
  // @ts-expect-error X
  @Post('/', { doc: { sumary: 'a' } }) misspeltDoc() {
    return ''
  }
  // @ts-expect-error X
  @Post('/', { doc: true }) wrongDoc() {
    return ''
  }
  // @ts-expect-error X
  @Post('/', { doc: { security: { bearer: [] } } }) wrongSecurity() {
    return ''
  }
}

export class Responses {
  // @ts-expect-error X
  @Get('/<int:id>', { response: User }) otherType({ id }: { id: number }) {
    return { id: String(id), name: '' }
  }
  // @ts-expect-error X
  @Get('/', { response: User }) missing() {
    return { id: 1 }
  }
  // @ts-expect-error X
  @Get('/', { response: User }) async missingLater() {
    return Promise.resolve({ id: 1 })
  }
  // @ts-expect-error X
  @Get('/', { response: User }) perhaps(ctx: Context) {
    return ctx.path ? { id: 1 } : Promise.resolve({ id: 1, name: '' })
  }
  // @ts-expect-error X
  @Post('/', { response: { 201: User } }) otherStatus() {
    return makeResponse({ id: 1, name: '' }, 202)
  }
  // @ts-expect-error X
  @Post('/', { response: { 201: User } }) defaultStatus() {
    return makeResponse({ id: 1, name: '' })
  }
  // @ts-expect-error X
  @Post('/', { response: { 201: User, 202: Job } }) otherValue() {
    return makeResponse({ job: 1, kind: 'mail' }, 202)
  }
  // @ts-expect-error X
  @Post('/', { response: { 201: User, 202: Job } }) otherLiteral() {
    return makeResponse({ job: '', kind: 'post' }, 202)
  }
  // @ts-expect-error X
  @Post('/', { response: { 201: User, 409: Problem } }) async oneOfTwo(ctx: Context) {
    await Promise.resolve()
    return ctx.query.a ? makeResponse({ titel: 'taken', status: 409 }, 409) : { id: 1, name: '' }
  }
  // @ts-expect-error X
  @Post('/', { response: { 201: User, 409: Problem } }) otherOfTwo(ctx: Context) {
    return ctx.query.a ? makeResponse({ title: 'taken', status: 409 }, 409) : { id: 1, nam: '' }
  }
  // @ts-expect-error X
  @Get('/', { response: { 200: z.array(User), 400: z.array(Problem) } }) made() {
    return makeResponse([{ title: '' }], 400)
  }
  // @ts-expect-error X
  @Get('/', { response: { 200: z.string(), 404: z.string() } }) madeText() {
    return makeResponse({ text: '' }, 404)
  }
  // @ts-expect-error X
  @Get('/', { response: { 200: User, 404: Problem } }) either(ctx: Context) {
    return makeResponse({ title: '', status: 404 }, ctx.path ? 404 : 410)
  }
  // @ts-expect-error X
  @Get('/', { response: z.array(User) }) list() {
    return { id: 1, name: '' }
  }
  // @ts-expect-error X
  @Get('/', { response: { 204: null } }) withoutBody() {
    return { id: 1 }
  }
  // @ts-expect-error X
  @Delete('/', { response: { 204: null, 404: null } }) madeWithoutBody() {
    return makeResponse({ id: 1 }, 404)
  }
  // @ts-expect-error X
  @Get('/', { response: User }) nothing() {}
  // @ts-expect-error X
  @Get('/', { response: User }) async nothingLater() {
    await Promise.resolve()
  }
  // @ts-expect-error X
  @Get('/', { response: User }) text() {
    return 'root'
  }
  // @ts-expect-error X
  @Get('/', { response: { 200: 'a page of HTML' } }) described() {
    return 1
  }
  // @ts-expect-error X
  @Get('/', { response: Dated }) whatIsMade() {
    return { day: new Date() }
  }
  // @ts-expect-error X
  @Get('/', { response: ValibotUser }) valibot() {
    return { name: 1 }
  }
  // @ts-expect-error X
  @Get('/', { response: { 200: ArkUser } }) arktype() {
    return { name: '', age: '1' }
  }
  // @ts-expect-error X
  @Get('/', { response: { 404: Problem } }) onlyErrors() {
    return 1
  }
  // @ts-expect-error X
  @Get('/', { response: { 404: Problem } }) onlyErrorsMade() {
    return makeResponse({ title: '' }, 404)
  }
  // @ts-expect-error X
  @Get('/', { response: User }) field = () => ({ id: 1, name: '' })
}

const createUser = Post('/users/<int:id>', { body: NewUser, response: { 201: User } })
export class ContractFirst {
  // @ts-expect-error X
  @createUser wrongArgument({ id, body }: { id: string; body: NewUser }) {
    return { id: Number(id), name: body.name }
  }
  // @ts-expect-error X
  @createUser wrongResult({ id }: ArgsOf<typeof createUser>) {
    return { id }
  }
  @createUser missingName(args: ArgsOf<typeof createUser>) {
    // @ts-expect-error X
    return { id: 1, name: args.query }
  }
}

export class Guards {
  // @ts-expect-error X
  @BeforeRequest({ secruity: { bearer: [] } }) misspelt() {}
  // @ts-expect-error X
  @BeforeRequest({ security: { bearer: [] }, respnse: { 401: Problem } }) misspeltBesideOther() {}
  // @ts-expect-error X
  @BeforeRequest({ security: [{ bearer: [] }] }) list() {}
  // @ts-expect-error X
  @BeforeRequest({ security: { bearer: 'read' } }) scope() {}
  // @ts-expect-error X
  @BeforeAppRequest({ security: 'bearer' }) name() {}
  // @ts-expect-error X
  @BeforeAppRequest({ response: Problem }) withoutStatus() {}
  // @ts-expect-error X
  @BeforeRequest({ response: { 401: { title: 'string' } } }) noSchema() {}
  // @ts-expect-error X
  @BeforeRequest(401) code() {}
  // @ts-expect-error X
  @BeforeRequest({ response: { 401: Problem } }) wrongArgument(id: number) {
    void id
  }
  // @ts-expect-error X
  @BeforeRequest({ response: { 401: Problem } }) wrongResult() {
    return 1
  }
  // @ts-expect-error X
  @AfterRequest({ response: { 401: Problem } }) otherHook() {}
}

// @ts-expect-error X
@BeforeRequest({ security: { bearer: [] } })
export class GuardedClass {}

// @ts-expect-error X
@createUser
export class RouteClass {}
