// Compiled, never run: calls of a client that must not compile. The text behind `@ts-expect-error` must be in the compiler's
// message.
import { client, type ClientOptions } from 'flaskoa/client'
import { Delete, Get, Post, Route, withPrefix, type ArgsOf } from 'flaskoa/contract'
import { Dated, NewUser, Page, Problem, Tenant, Theme, Upload, User } from './schemas'

const createUser = Post('/users', { body: NewUser, response: { 201: User, 409: Problem } })
const show = Get('/users/<int:id>', { query: Page, response: User })
const remove = Delete('/users/<int:id>', { response: { 204: null } })
const day = Get('/on', { query: Dated, response: Dated })
const tenant = Get('/tenant', { headers: Tenant, cookies: Theme })
const upload = Post('/picture', { form: Upload })
const several = Route('/several', { methods: ['PUT', 'POST'] })
const ping = Get('/ping')
const orgs = withPrefix('/orgs/<int:org>', { show, ping })
const api = client('http://127.0.0.1', { createUser, show, remove, day, tenant, upload, several, ping, orgs, User })

export async function refused(signal: AbortSignal) {
  // @ts-expect-error Type 'number' is not assignable to type 'string'
  await api.createUser({ body: { name: 1 } })
  // @ts-expect-error Property 'name' is missing in type '{}' but required in type '{ name: string; age?: number | undefined; }'
  await api.createUser({ body: {} })
  // @ts-expect-error 'nam' does not exist in type '{ name: string; age?: number | undefined; }'. Did you mean to write 'name'?
  await api.createUser({ body: { name: '', nam: '' } })
  // @ts-expect-error Property 'body' is missing in type '{}' but required in type '{ body: { name: string; age?: number | undefined; }; }'
  await api.createUser({})
  // @ts-expect-error Expected 1-2 arguments, but got 0
  await api.createUser()
  // @ts-expect-error 'query' does not exist in type '{ body: { name: string; age?: number | undefined; }; }'
  await api.createUser({ body: { name: '' }, query: {} })
  // @ts-expect-error Property 'id' is missing in type '{ query: { page: number; }; }'
  await api.show({ query: { page: 1 } })
  // @ts-expect-error Type 'string' is not assignable to type 'number'
  await api.show({ id: '1' })
  // @ts-expect-error Type 'string' is not assignable to type 'number'
  await api.show({ id: 1, query: { page: 'x' } })
  // @ts-expect-error 'pag' does not exist in type '{ page?: number | undefined; tag?: string[] | undefined; }'. Did you mean to write 'page'?
  await api.show({ id: 1, query: { pag: 1 } })
  // @ts-expect-error Type 'Date' is not assignable to type 'string'
  await api.day({ query: { day: new Date() } })
  // @ts-expect-error Property ''x-tenant'' is missing in type '{}' but required in type '{ 'x-tenant': string; }'
  await api.tenant({ headers: {} })
  // @ts-expect-error Type '"blue"' is not assignable to type '"dark" | "light" | undefined'
  await api.tenant({ headers: { 'x-tenant': '' }, cookies: { theme: 'blue' } })
  // @ts-expect-error Type 'string' is not assignable to type 'File'
  await api.upload({ form: { title: '', picture: 'text' } })
  // @ts-expect-error Type 'number' is not assignable to type 'never'
  await api.ping({ id: 1 })
  // @ts-expect-error 'method' does not exist in type 'CallOptions'
  await api.ping({}, { method: 'HEAD' })
  // @ts-expect-error Type 'string' is not assignable to type 'AbortSignal'
  await api.ping({}, { signal: 'now' })
  // @ts-expect-error 'headrs' does not exist in type 'CallOptions'. Did you mean to write 'headers'?
  await api.ping({}, { headrs: {} })
  // @ts-expect-error 'body' does not exist in type 'CallOptions'
  await api.createUser({ body: { name: '' } }, { body: { name: '' } })
  // @ts-expect-error Type 'AbortSignal' has no properties in common with type 'CallOptions'
  await api.ping({}, signal)
  // @ts-expect-error 'signal' does not exist in type '{ body: { name: string; age?: number | undefined; }; }'
  await api.createUser({ body: { name: '' }, signal })
  // @ts-expect-error Type 'number' is not assignable to type 'string'
  await api.several({}, { method: 1 })
  // @ts-expect-error Property 'User' does not exist on type 'Client<
  await api.User()
  // @ts-expect-error Expected 1-2 arguments, but got 0
  await api.orgs.ping()
  // @ts-expect-error Type 'string' is not assignable to type 'number'
  await api.orgs.show({ id: 1, org: 'flaskoa' })

  const made = await api.createUser({ body: { name: '' } }, { signal })
  switch (made.status) {
    // @ts-expect-error Type '404' is not comparable to type
    case 404:
      return
    case 201:
      // @ts-expect-error Property 'title' does not exist on type '{ id: number; name: string; }'
      return made.body.title
    case 409:
      // @ts-expect-error Property 'errors' does not exist on type '{ title: string; status: number; }'
      return made.body.errors
    case 422:
      // @ts-expect-error Property 'message' does not exist on type 'InputProblem'
      return made.body.errors[0]?.message
  }
  // @ts-expect-error Property 'name' does not exist on type 'Problem'
  void made.body.name
  // @ts-expect-error Object is possibly 'undefined'
  ;(await api.remove({ id: 1 })).body.name
  // @ts-expect-error Property 'day' does not exist on type
  ;(await api.day({ query: { day: '' } })).body.day.getTime()
}

// @ts-expect-error Argument of type 'number' is not assignable to parameter of type 'string | InMemoryClient | URL'
client(5, { ping })
// @ts-expect-error 'header' does not exist in type 'ClientOptions'. Did you mean to write 'headers'?
client('', { ping }, { header: {} })
// @ts-expect-error Type '() => string' is not assignable to type
const asynchronous: ClientOptions = { headers: () => 'token' }
// @ts-expect-error Argument of type '"orgs"' is not assignable to parameter of type '"a rule starts with '/': write '/orgs'"'
withPrefix('orgs', { ping })
// @ts-expect-error Argument of type '"/<colour:day>"' is not assignable to parameter of type '"unknown converter 'colour' in the rule '/<colour:day>': declare it in flaskoa's interface Converters"'
withPrefix('/<colour:day>', { ping })
// @ts-expect-error Argument of type 'string' is not assignable to parameter of type 'object'
withPrefix('/orgs', 'ping')

export class Decorated {
  // @ts-expect-error Type '({ body }: { body: number; }) => { id: number; name: string; }' is not assignable to type '(args: { body: { name: string; age?: number | undefined; }; }, ctx: Context) => unknown'
  @createUser wrongArgument({ body }: { body: number }) {
    return { id: body, name: '' }
  }
  // @ts-expect-error Type '{ name: string; age?: number | undefined; }' is not assignable to type 'Answer<{ 201: { id: number; name: string; }; 409: { title: string; status: number; }; }>'
  @createUser wrongResult({ body }: ArgsOf<typeof createUser>) {
    return body
  }
  // @ts-expect-error 'qury' does not exist in type 'VerbOptions<
  @Get('/', { qury: Page }) misspelt() {
    return asynchronous
  }
}
