// Compiled, never run: input and responses that a route declares. Everything here must compile in both dialects, under every
// compiler.
import { Readable } from 'node:stream'
import { type } from 'arktype'
import * as v from 'valibot'
import { z } from 'zod'
import {
  abort,
  AfterRequest,
  BeforeAppRequest,
  BeforeRequest,
  Blueprint,
  decorate,
  Delete,
  ErrorHandler,
  Get,
  makeResponse,
  Patch,
  Post,
  Put,
  redirect,
  Route,
  ValidationError,
} from 'flaskoa'
import type {
  ArgsOf,
  Context,
  FormOf,
  GuardOptions,
  InputOf,
  KoaResponse,
  Made,
  OutputOf,
  Response,
  RouteContract,
  Schema,
  UploadedFile,
  ViewDecorator,
} from 'flaskoa'
import { createPost, listPosts, searchPosts, showPost } from './exported'
import {
  ArkUser,
  Comment,
  Dated,
  Job,
  NewUser,
  Page,
  Problem,
  Tenant,
  Theme,
  Upload,
  User,
  ValibotUser,
} from './schemas'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

const Files = z.object({
  one: z.file().optional(),
  all: z.array(z.file()),
  pair: z.tuple([z.file(), z.file()]),
  any: z.unknown(),
  text: z.string().optional(),
})
const addPicture = Post('/pictures', { form: Upload })
class Named {
  readonly #title: string
  constructor(title: string) {
    this.#title = title
  }
  get shown() {
    return this.#title
  }
}

const patchUser = { body: NewUser.partial(), doc: { summary: 'Change a user' } }

@Blueprint('/users')
export class Inputs {
  // A body, of each library
  @Post('/zod', { body: NewUser }) zod({ body }: { body: NewUser }) {
    return { id: 1, name: body.name, age: body.age }
  }
  @Post('/valibot', { body: ValibotUser }) valibot({ body }: { body: ValibotUser }) {
    return body
  }
  @Post('/arktype', { body: ArkUser }) arktype({ body }: { body: ArkUser }, ctx: Context) {
    return [body.name, ctx.path]
  }
  @Post('/inline', { body: type({ ok: 'boolean' }) }) inline({ body: { ok } }: { body: { ok: boolean } }) {
    return { ok }
  }
  @Post('/each', { body: v.array(v.number()), query: ArkUser, headers: Tenant })
  each({ body, query, headers }: { body: number[]; query: ArkUser; headers: { 'x-tenant': string } }) {
    return [body.length, query.name, headers['x-tenant']]
  }
  @Post('/comments', { body: Comment }) recursive({ body }: { body: Comment }) {
    return body.answers.flatMap(({ answers }) => answers)
  }
  // Beside variables; a view may take fewer values, or none
  @Put('/<int:id>', { body: NewUser, query: Page })
  replace({ id, body, query }: { id: number; body: NewUser; query: Page }, ctx: Context) {
    return { id: id + query.page, name: body.name + ctx.path }
  }
  @Put('/<int:id>/variable', { body: NewUser, query: Page }) variable({ id }: { id: number }) {
    return { id }
  }
  @Put('/<int:id>/input', { body: NewUser, query: Page }) input({ query }: { query: Page }) {
    return query
  }
  @Put('/<int:id>/nothing', { body: NewUser }) nothing() {
    return ''
  }
  // The method gets what the schema makes of the input
  @Get('/on', { query: Dated }) on({ query }: { query: { day: Date } }) {
    return query.day.toISOString()
  }
  @Get('/page', { query: Page }) page({ query }: { query: { page: number; tag?: string[] | undefined } }) {
    return query.tag ?? []
  }
  @Get('/wider', { query: Page }) wider({ query }: { query: { page: number | string } }) {
    return String(query.page)
  }
  @Get('/loose', { query: Page }) loose({ query, ...others }: { query: unknown; [other: string]: unknown }) {
    return [query, others]
  }
  // The other locations
  @Get('/headers', { headers: Tenant, cookies: Theme })
  tenant({ headers, cookies }: { headers: { 'x-tenant': string }; cookies: Theme }) {
    return headers['x-tenant'] + (cookies.theme ?? '')
  }
  @Post('/picture', { form: Upload, limits: { fileSize: 1_000_000, files: 1 } })
  async picture({ form }: { form: Upload }) {
    return { bytes: (await form.picture.arrayBuffer()).byteLength, title: form.title }
  }
  @Post('/moved', { form: Upload }) async moved({ form }: { form: FormOf<typeof Upload> }) {
    await form.picture.moveTo(form.title)
    return form.picture.name
  }
  @Post('/files', { form: Files }) async files({ form }: { form: FormOf<typeof Files> }) {
    await form.one?.moveTo('one')
    for (const file of form.all) await file.moveTo('all')
    form satisfies { pair: [UploadedFile, UploadedFile]; any: unknown; text?: string | undefined }
    return form.all.map(({ path }) => path ?? '')
  }
  @Post('/files', { form: Files }) uploaded({ form }: { form: { all: UploadedFile[]; one?: File | undefined } }) {
    return form.all.map(({ path }) => path)
  }
  @Post('/class', { form: Upload.transform(form => new Named(form.title)) }) named({ form }: { form: Named }) {
    return form.shown
  }
  @addPicture async add({ form }: ArgsOf<typeof addPicture>) {
    await form.picture.moveTo(form.title)
    return ''
  }
  @Route('/route', { methods: ['PUT', 'POST'], body: NewUser }) route({ body }: { body: NewUser }) {
    return body
  }
  @Delete('/delete', { query: Page, doc: { deprecated: true, security: [{ bearer: [] }] } }) remove() {
    return ''
  }
  // Defaults, and the variables of prefixes
  @Get('/defaults', { defaults: { lang: 'en' }, query: Page })
  defaults({ lang, query }: { lang: string; query: Page }) {
    return [lang, query.page]
  }
  @Get('/<name>/defaults', { defaults: { name: 0, sort: 'asc' }, query: Page })
  variableAndDefault({ name, sort, query }: { name: string; sort: string; query: Page }) {
    return [name, sort, query.page]
  }
  @Put('/<int:id>/prefix', { body: NewUser })
  prefix({ id, body, lang }: { id: number; body: NewUser; lang: string }, ctx: Context) {
    return [id, body.name, lang, ctx.path]
  }
  @Post('/prefix', { body: NewUser }) prefixAlone({ body, lang }: { body: NewUser; lang?: 'en' | 'de' }) {
    return [body.name, lang ?? 'en']
  }
  // Without input the names are free for variables
  @Get('/<query>') ownVariable({ query }: { query: string }) {
    return query
  }
  @Get('/<int:id>/of') prefixVariable({ id, query, form }: { id: number; query: string; form: number }) {
    return [id, query, form]
  }
  @Get('/<query>/body', { headers: Tenant })
  otherVariable({ query, headers }: { query: string; headers: { 'x-tenant': string } }) {
    return query + headers['x-tenant']
  }
  // Declared elsewhere
  @Patch('/<uuid:key>', patchUser)
  patch({ key, body }: { key: string; body: z.infer<typeof patchUser.body> }) {
    return [key, body.name]
  }
  @Post('/computed' as string, { body: NewUser }) computed({ id, body }: { id: number; body: NewUser }) {
    return { id, body }
  }
  @Post('/several', { body: NewUser }) @Post('/<int:id>/several', { body: NewUser }) several({
    body,
  }: {
    body: NewUser
  }) {
    return body
  }
  @Get('/doc', { doc: { summary: 'Documented', tags: ['a'], examples: { one: {} } } }) documented(ctx: Context) {
    return ctx.path
  }
  @Get('/hidden', { doc: false, limits: { body: 10 } }) hidden() {
    return ''
  }
  // The error of input
  @ErrorHandler(ValidationError) invalid({ problems }: ValidationError, ctx: Context) {
    return makeResponse({ path: ctx.path, problems: problems.map(problem => problem.in + problem.pointer) }, 422)
  }
  @ErrorHandler(422) unprocessable({ message }: { message: string }) {
    return message
  }
}

export class Responses {
  // One schema is for 200
  @Get('/<int:id>', { response: User }) one({ id }: { id: number }) {
    return { id, name: 'root' }
  }
  @Get('/<int:id>/later', { response: User }) async later({ id }: { id: number }) {
    return Promise.resolve({ id, name: 'root' })
  }
  @Get('/perhaps', { response: User }) perhaps(ctx: Context) {
    return ctx.path ? { id: 1, name: '' } : Promise.resolve({ id: 2, name: '' })
  }
  @Get('/<int:id>/more', { response: User }) more({ id }: { id: number }) {
    return { id, name: 'root', password: 'left out' }
  }
  @Get('/list', { query: Page, response: z.array(User) }) list({ query }: { query: Page }) {
    return [{ id: query.page, name: '' }]
  }
  @Get('/valibot', { response: ValibotUser }) valibot() {
    return { name: '' }
  }
  @Get('/arktype', { response: { 200: ArkUser, 404: ArkUser } }) arktype() {
    return { name: '', age: 1 }
  }
  @Get('/comment', { response: Comment }) recursive(): Comment {
    return { text: '', answers: [] }
  }
  // What the schema takes, not what it gives
  @Get('/takes', { response: Page }) takes() {
    return {}
  }
  @Get('/transformed', { response: Dated }) transformed() {
    return { day: '2026-01-01' }
  }
  @Get('/text', { response: z.string() }) text() {
    return 'text'
  }
  @Get('/union', { response: z.union([User, Problem]) }) union(ctx: Context) {
    return ctx.path ? { id: 1, name: '' } : { title: '', status: 400 }
  }
  // By status
  @Post('/made', { body: NewUser, response: { 201: User, 409: Problem } }) made({ body }: { body: NewUser }) {
    if (body.name === 'root') return makeResponse({ title: 'taken', status: 409 }, 409)
    return { id: 1, name: body.name }
  }
  @Post('/own', { response: { 201: User } }) own() {
    return makeResponse({ id: 1, name: '', password: 'left out' }, 201, { Location: '/1' })
  }
  @Post('/two', { response: { 200: User, 202: Job } }) async two(ctx: Context) {
    await Promise.resolve()
    return ctx.query.wait ? { id: 1, name: '' } : makeResponse({ job: '1', kind: 'mail', steps: ['a'] }, 202)
  }
  @Post('/accepted', { response: { 202: Job, 204: null } }) accepted(ctx: Context) {
    const steps = ['a']
    if (ctx.path) return makeResponse('', 204)
    return ctx.query.wait ? makeResponse({ job: '1', kind: 'report', steps }, 202) : { job: '1', kind: 'mail' as const }
  }
  @Get('/partial', { response: { 206: User } }) partial() {
    return { id: 1, name: '' }
  }
  @Get('/default', { response: User }) defaultStatus() {
    return makeResponse({ id: 1, name: '' })
  }
  @Get('/either', { response: { 200: User, 404: Problem, 410: Problem } }) either(ctx: Context) {
    return makeResponse({ title: '', status: 404 }, ctx.path ? 404 : 410)
  }
  @Post('/', { response: { 201: User, 404: Problem } }) ownStatus() {
    return makeResponse({ id: 1, name: '' }, undefined, { Location: '/' })
  }
  @Get('/computed', { response: { 200: User, 404: Problem } }) computed(ctx: Context) {
    return makeResponse({ title: '' }, ctx.status)
  }
  // Only errors are declared: what the view returns is as in any other view
  @Get('/errors', { response: { 404: Problem } }) errors(ctx: Context) {
    return ctx.path ? 'found' : makeResponse({ title: '', status: 404 }, 404)
  }
  // No body
  @Delete('/<int:id>', { response: { 204: null } }) remove({ id }: { id: number }) {
    void id
  }
  @Delete('/later', { response: { 204: null } }) async removeLater() {
    await Promise.resolve()
  }
  @Delete('/null', { response: { 204: null } }) removed() {
    return null
  }
  @Delete('/missing', { response: { 204: null, 404: null } }) missing(ctx: Context) {
    if (ctx.path) return makeResponse('', 404)
    return undefined
  }
  // A text only describes
  @Get('/html', { response: { 200: 'a page of HTML' } }) html() {
    return '<h1>'
  }
  @Get('/csv', { response: { 200: 'the users as CSV', 404: 'a page' } }) csv(ctx: Context) {
    return ctx.path ? Readable.from(['id;name']) : makeResponse('<h1>', 404)
  }
  @Get('/stream', { response: { 200: 'lines' } }) async *stream() {
    yield Promise.resolve('line')
  }
  // Responses that are finished are not compared
  @Get('/redirect', { response: User }) away() {
    return redirect('/')
  }
  @Get('/fetch', { response: User }) fetched() {
    return new globalThis.Response('')
  }
  @Get('/koa', { response: User }) koa(ctx: Context): KoaResponse | User {
    return ctx.path ? ctx.response : { id: 1, name: '' }
  }
  @Get('/mixed', { response: User }) async mixed(ctx: Context) {
    await Promise.resolve()
    if (ctx.query.away) return redirect('/')
    return ctx.query.gone ? new globalThis.Response('') : { id: 1, name: '' }
  }
  @Get('/around', { response: { 200: User, 404: Problem } }) around(ctx: Context) {
    return makeResponse(ctx.response, 404)
  }
  @Get('/throws', { response: User }) throws(): never {
    abort(404)
  }
  @Get('/any', { response: User }) any() {
    return JSON.parse('{}')
  }
  @Get('/generic', { response: User }) generic<T extends User>(_ctx: Context, value: T = {} as T) {
    return value
  }
  @Get('/private', { response: User }) private secret() {
    return { id: 1, name: '' }
  }
  @Get('/this', { response: User }) reveal(this: Responses) {
    return this.secret()
  }
}

// A decorator as a value: exported.ts
class Undecorated {
  create({ body }: { body: NewUser }) {
    return body
  }
}
export const decorated = decorate(Undecorated, { create: [createPost, Post('/b', { body: NewUser })] })

// What the types of a decorator say
type Contract<Decorator> = Decorator extends { readonly '~route'?: infer Of } ? NonNullable<Of> : never
export const contracts: true[] = [
  true satisfies Same<ArgsOf<typeof createPost>, { id: number; body: NewUser; query: Page }>,
  true satisfies Same<ArgsOf<typeof showPost>, { id: number }>,
  true satisfies Same<ArgsOf<typeof listPosts>, Context>,
  true satisfies Same<Contract<typeof createPost>['verb'], 'POST'>,
  true satisfies Same<Contract<typeof createPost>['rule'], '/posts/<int:id>'>,
  true satisfies Same<Contract<typeof createPost>['reply'], { 201: typeof User }>,
  true satisfies Same<Contract<typeof createPost>['inputs']['body'], typeof NewUser>,
  true satisfies Same<Contract<typeof createPost>['inputs']['form'], never>,
  true satisfies Same<Contract<typeof searchPosts>['verb'], string>,
  true satisfies Same<OutputOf<typeof Dated>, { day: Date }>,
  true satisfies Same<InputOf<typeof Dated>, { day: string }>,
]
export const ofAnyRule: ViewDecorator<'/users', Record<never, never>> = Get('/users')
export type Rules = RouteContract<'GET', '/users/<int:id>', object, never, never>['rule']
export const schemas: Schema[] = [
  NewUser,
  ValibotUser,
  ArkUser,
  Dated,
  Comment,
  z.array(User),
  v.string(),
  type('string'),
]

// What makeResponse makes is a response everywhere else
export class Made200 {
  @AfterRequest after(response: Response) {
    return response.status === 404 ? makeResponse({ status: 'none' }, 404) : response
  }
  @Get('/') made(): Made<201, { id: number }> {
    return makeResponse({ id: 1 }, 201)
  }
  @Get('/response') response(ctx: Context): Response {
    return makeResponse('text', ctx.status, { Vary: 'Accept' })
  }
}

// What before methods check
const guard: GuardOptions = { security: { bearer: [] }, response: { 401: Problem, 403: 'a page', 404: null } }
export class Guarded {
  @BeforeRequest({ security: { bearer: [] }, response: { 401: Problem } }) login(ctx: Context) {
    return ctx.get('Authorization') ? undefined : makeResponse({ title: 'log in', status: 401 }, 401)
  }
  @BeforeAppRequest({ security: { oauth: ['users:read'], tenant: [] } }) async scopes() {
    await Promise.resolve()
  }
  @BeforeRequest(guard) shared() {}
  @BeforeRequest({}) nothing() {}
  @BeforeRequest({ response: { 429: Problem } })
  @BeforeAppRequest(guard)
  several() {}
}
