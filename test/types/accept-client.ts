// Compiled, never run: a client of decorators. Everything here must compile in both dialects, under every compiler.
import { z } from 'zod'
import { Blueprint } from 'flaskoa'
import {
  Delete,
  Get,
  Patch,
  Post,
  Put,
  Route,
  withPrefix,
  type ArgsOf,
  type RouteContract,
  type RouteGroup,
} from 'flaskoa/contract'
import {
  client,
  ConnectionError,
  UnexpectedResponse,
  type Answer,
  type Client,
  type ClientOptions,
  type InvalidInput,
  type JsonOf,
  type Problem as ProblemDetails,
} from 'flaskoa/client'
import { testClient, type TestClient } from 'flaskoa/testing'
import type Koa from 'koa'
import * as exported from './exported'
import { createPost } from './exported'
import { ArkUser, Comment, Dated, NewUser, Page, Problem, Tenant, Theme, Upload, User, ValibotUser } from './schemas'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
type Input<Call> = Call extends (input: infer In, ...rest: never) => unknown ? In : never
type Result<Call> = Call extends (...args: never) => Promise<infer Answers> ? Answers : never
type BodyAt<Call, Status> = Extract<Result<Call>, { status: Status }> extends { body: infer Body } ? Body : never

const Own = z.object({ code: z.string() })

const routes = {
  createUser: Post('/users', { body: NewUser, response: { 201: User, 409: Problem } }),
  show: Get('/users/<int:id>', { response: User }),
  list: Get('/users', { query: Page, response: z.array(User) }),
  search: Get('/search/<text>/<float:near>', { query: z.object({ q: z.string(), page: z.int().optional() }) }),
  remove: Delete('/users/<int:id>', { response: { 204: null, 404: 'a page' } }),
  day: Get('/on', { query: Dated, response: Dated }),
  tenant: Get('/tenant', { headers: Tenant, cookies: Theme, response: ArkUser }),
  upload: Put('/picture', { form: Upload, response: { 204: null } }),
  patch: Patch('/users/<uuid:id>', { body: ValibotUser, response: { 400: Problem } }),
  optional: Post('/optional', { body: NewUser.optional() }),
  defaults: Get('/<lang>/<path:file>', { defaults: { lang: 'en', other: 1 } }),
  several: Route('/several', { methods: ['PUT', 'POST'], body: NewUser }),
  ping: Get('/ping'),
  own: Post('/own', {
    body: NewUser,
    response: { 201: User, 400: Own, 404: null, 409: Own, 410: 'gone', 422: Own, 500: z.any() },
  }),
  ownTitle: Post('/own/title', { body: NewUser, response: { 409: Problem, 422: Problem } }),
  ownWithout: Get('/own', { response: { 302: Own, 422: Own } }),
  comment: Get('/comment', { response: Comment }),
  // Not routes
  NewUser,
  number: 1,
}
const api = client('http://127.0.0.1', routes)

export class Users {
  @routes.createUser create({ body }: ArgsOf<typeof routes.createUser>) {
    return { id: 1, name: body.name }
  }
  @routes.show show({ id }: ArgsOf<typeof routes.show>) {
    return { id, name: '' }
  }
  @Get('/contract') ordinary() {
    return ''
  }
}

export const calls: true[] = [
  // What is given
  true satisfies Same<Input<typeof api.createUser>, { body: { name: string; age?: number | undefined } }>,
  true satisfies Same<Input<typeof api.show>, { id: number }>,
  true satisfies Same<
    Input<typeof api.search>,
    { text: string; near: number; query: { q: string; page?: number | undefined } }
  >,
  true satisfies Same<Input<typeof api.day>, { query: { day: string } }>,
  true satisfies Same<Input<typeof api.patch>, { id: string; body: { name: string; age?: number | undefined } }>,
  true satisfies Same<NonNullable<Input<typeof api.defaults>>, { file: string; lang?: string }>,
  // What comes back
  true satisfies Same<Result<typeof api.show>, Answer<200, { id: number; name: string }>>,
  true satisfies Same<Result<typeof api.createUser>['status'], 201 | 409 | 400 | 413 | 415 | 422>,
  true satisfies Same<Result<typeof api.list>['status'], 200 | 400 | 422>,
  true satisfies Same<Result<typeof api.tenant>['status'], 200 | 422>,
  true satisfies Same<Result<typeof api.upload>['status'], 204 | 400 | 413 | 415 | 422>,
  true satisfies Same<Result<typeof api.remove>['status'], 204 | 404>,
  true satisfies Same<Result<typeof api.patch>['status'], 200 | 400 | 413 | 415 | 422>,
  true satisfies Same<BodyAt<typeof api.createUser, 201>, { id: number; name: string }>,
  true satisfies Same<BodyAt<typeof api.createUser, 409>, { title: string; status: number }>,
  true satisfies Same<BodyAt<typeof api.createUser, 413>, ProblemDetails>,
  true satisfies Same<BodyAt<typeof api.createUser, 422>, InvalidInput>,
  true satisfies Same<BodyAt<typeof api.patch, 400>, { title: string; status: number }>,
  true satisfies Same<BodyAt<typeof api.patch, 200>, unknown>,
  true satisfies Same<BodyAt<typeof api.remove, 204>, undefined>,
  true satisfies Same<BodyAt<typeof api.remove, 404>, unknown>,
  true satisfies Same<BodyAt<typeof api.day, 200>, { day: string }>,
  true satisfies Same<BodyAt<typeof api.ping, 200>, unknown>,
  true satisfies Same<BodyAt<typeof api.ping, 206>, unknown>,
  true satisfies Same<BodyAt<typeof api.several, 422>, InvalidInput>,
  // The schema of an error is for what the view returns: thrown, it is problem details
  true satisfies Same<Result<typeof api.own>['status'], 201 | 400 | 404 | 409 | 410 | 413 | 415 | 422 | 500>,
  true satisfies Same<BodyAt<typeof api.own, 201>, { id: number; name: string }>,
  true satisfies Same<BodyAt<typeof api.own, 400>, { code: string } | ProblemDetails>,
  true satisfies Same<BodyAt<typeof api.own, 404>, undefined>,
  true satisfies Same<BodyAt<typeof api.own, 409>, { code: string } | ProblemDetails>,
  true satisfies Same<BodyAt<typeof api.own, 410>, unknown>,
  true satisfies Same<BodyAt<typeof api.own, 413>, ProblemDetails>,
  true satisfies Same<BodyAt<typeof api.own, 422>, { code: string } | InvalidInput>,
  true satisfies Same<BodyAt<typeof api.own, 500>, any>,
  true satisfies Same<BodyAt<typeof api.ownTitle, 409>, { title: string; status: number }>,
  true satisfies Same<BodyAt<typeof api.ownTitle, 422>, { title: string; status: number } | InvalidInput>,
  true satisfies Same<BodyAt<typeof api.ownWithout, 302>, { code: string }>,
  true satisfies Same<BodyAt<typeof api.ownWithout, 422>, { code: string } | ProblemDetails>,
  // What is no route is left out
  true satisfies Same<keyof typeof api & ('NewUser' | 'number'), never>,
  true satisfies Same<
    keyof Client<typeof exported>,
    'createPost' | 'replacePost' | 'showPost' | 'listPosts' | 'searchPosts' | 'posts'
  >,
]

export async function use(signal: AbortSignal, picture: File) {
  const made = await api.createUser({ body: { name: 'ann' } }, { signal, headers: { 'X-Trace': '1' } })
  switch (made.status) {
    case 201:
      return made.body.id + made.body.name.length
    case 409:
      return made.body.title
    case 422:
      return made.body.errors.map(({ in: location, pointer, detail }) => location + pointer + detail)
    default:
      made.body satisfies ProblemDetails
      made.status satisfies 400 | 413 | 415
  }
  ;(await api.show({ id: 1 })).body.name satisfies string
  const own = await api.own({ body: { name: 'ann' } })
  if (own.status === 409) ('code' in own.body ? own.body.code : own.body.title) satisfies string
  if (own.status === 422) ('errors' in own.body ? own.body.errors.length : own.body.code) satisfies number | string
  // Nothing is required
  await api.ping()
  await api.ping({}, { signal })
  await api.ping(undefined, { fetch })
  await api.list()
  await api.list({ query: {} })
  await api.list({ query: { page: 2, tag: ['a', 'b'] } })
  await api.optional()
  await api.optional({ body: undefined })
  await api.tenant({ headers: { 'x-tenant': 'a' } })
  await api.tenant({ headers: { 'x-tenant': 'a' }, cookies: { theme: 'dark' } })
  await api.upload({ form: { title: 'me', picture } })
  // Of several methods
  await api.several({ body: { name: '' } }, { method: 'POST' })
  const comment = await api.comment()
  comment.body.answers[0]?.answers[0]?.text satisfies string | undefined
  ;(await api.comment()).headers.get('ETag') satisfies string | null
  ;(await api.comment()).response.redirected satisfies boolean
}

// Prefixes
@Blueprint('/orgs/<int:org>')
export class Orgs {
  @routes.show show({ id, org }: ArgsOf<typeof routes.show> & { org: number }) {
    return { id: id + org, name: '' }
  }
}
export const orgs = withPrefix('/orgs/<int:org>', { show: routes.show, ping: routes.ping })
const nested = client('/api', { orgs, all: withPrefix('/v1/<version>', { orgs }), show: routes.show })
export const prefixed: true[] = [
  true satisfies Same<Input<typeof nested.orgs.show>, { id: number; org: number }>,
  true satisfies Same<Input<typeof nested.orgs.ping>, { org: number }>,
  true satisfies Same<Input<typeof nested.all.orgs.ping>, { org: number; version: string }>,
  true satisfies Same<Input<typeof nested.show>, { id: number }>,
]
export const group: RouteGroup<'/a', { createPost: typeof createPost }> = withPrefix('/a', { createPost })

// Options
export const options: ClientOptions[] = [
  {},
  { headers: { Authorization: 'Bearer 1' } },
  { headers: async () => Promise.resolve({ Authorization: 'Bearer 1' }) },
  { fetch: async (url, init) => fetch(url, { ...init, credentials: 'include' }) },
  { fetch },
  { converters: { month: { regex: '\\d+', toUrl: (value: { month: number }) => String(value.month) } } },
]
export const clients = [
  client('/', routes),
  client(new URL('http://127.0.0.1'), routes, { headers: {} }),
  client(testClient({} as Koa), routes),
  client({} as TestClient, routes),
]
export const broken = (error: unknown) =>
  error instanceof ConnectionError
    ? error.cause
    : error instanceof UnexpectedResponse
      ? [error.status, error.body]
      : error
export type Rule = RouteContract<'GET', '/', object, never, never>['rule']

// What JSON.stringify makes of a value
class Point {
  readonly x = 1
  private readonly secret = 1
  toString(): string {
    return String(this.secret)
  }
}
interface Sent {
  day: Date
  list: readonly [Date, undefined, () => void]
  maybe: Date | undefined
  own: { toJSON(): { day: Date } }
  point: Point
  method(): void
  nothing: undefined
  anything: any
  unknown: unknown
  optional?: number
  readonly fixed: 'a' | null
  map: Map<string, number>
  [Symbol.iterator]: () => Iterator<string>
}
export const json: true[] = [
  true satisfies Same<
    JsonOf<Omit<Sent, 'point'>>,
    {
      day: string
      list: readonly [string, null, null]
      maybe?: string
      own: { day: string }
      anything: any
      unknown: unknown
      optional?: number
      readonly fixed: 'a' | null
      map: Record<never, never>
    }
  >,
  true satisfies Same<JsonOf<Date[]>, string[]>,
  true satisfies Same<JsonOf<string | Date | null>, string | null>,
  true satisfies Same<JsonOf<any>, any>,
  true satisfies Same<JsonOf<bigint>, never>,
  true satisfies Same<JsonOf<Point>, { readonly x: 1 }>,
]
