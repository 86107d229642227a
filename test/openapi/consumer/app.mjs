// One application with schemas of three libraries. It prints its URL, and then each request that reaches a view.
import { toJsonSchema } from '@valibot/to-json-schema'
import { type } from 'arktype'
import { BeforeRequest, Blueprint, Delete, Get, Post, Put, abort, bootstrap, decorate, makeResponse } from 'flaskoa'
import { openapiBlueprint } from 'flaskoa/openapi'
import * as v from 'valibot'
import { z } from 'zod'

const Address = z.object({ street: z.string(), city: z.string().optional() }).meta({ id: 'Address' })
const NewUser = z.object({
  name: z.string().min(1),
  born: z.iso.date().transform(text => new Date(text)),
  role: z.enum(['admin', 'user']).default('user'),
  address: Address.optional(),
})
const User = z.object({ id: z.int(), name: z.string(), born: z.date(), role: z.string(), address: Address.optional() })
const Page = z.object({
  page: z.int().min(1).default(1).describe('Which page.'),
  tag: z.array(z.string()).optional(),
  active: z.boolean().optional(),
  sort: z.string().optional().meta({ deprecated: true }),
})
const Refusal = z.object({ title: z.string(), status: z.int() })
const Tree = z.object({ value: z.string(), children: z.array(z.lazy(() => Tree)) }).meta({ id: 'Tree' })
const Shape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('circle'), radius: z.number() }),
  z.object({ kind: z.literal('square'), side: z.number() }),
])
const Picture = z.object({ title: z.string(), picture: z.file() })
const Login = z.object({ name: z.string(), remember: z.boolean().default(false) })

const Job = v.pipe(
  v.object({ command: v.pipe(v.string(), v.minLength(1)), after: v.nullable(v.number()) }),
  v.title('Job'),
)
const Folder = v.object({ name: v.string(), folders: v.array(v.lazy(() => Folder)) })
const Attachment = v.object({ note: v.string(), file: v.file() })
const JobQuery = v.object({
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  dry: v.optional(v.boolean()),
})

const Pet = type({ kind: "'cat' | 'dog'", name: 'string > 0', 'age?': 'number.integer >= 0' })
const Tenant = type({ 'x-tenant': 'string > 0' })
const Visitor = type({ 'visits?': 'string.numeric.parse' })

/** Users, with zod. */
const Users = decorate(
  class {
    authorize(ctx) {
      if (!ctx.get('Authorization').startsWith('Bearer ')) return makeResponse({ title: 'Log in', status: 401 }, 401)
    }
    create({ body }) {
      return makeResponse({ id: 1, ...body }, 201)
    }
    list({ query }) {
      return [{ id: query.page, name: (query.tag ?? []).join(), born: new Date(0), role: typeof query.active }]
    }
    show({ id }) {
      if (id === 404) abort(404)
      return { id, name: 'ann', born: new Date(0), role: 'user' }
    }
    remove() {
      return makeResponse('', 204)
    }
    picture() {
      return makeResponse('', 204)
    }
    login({ form }) {
      return { name: form.name, remember: form.remember }
    }
  },
  {
    authorize: BeforeRequest({ security: { bearer: [] }, response: { 401: Refusal } }),
    create: Post('/', { body: NewUser, response: { 201: User, 409: Refusal }, doc: { summary: 'Adds a user' } }),
    list: Get('/', { query: Page, response: z.array(User) }),
    show: Get('/<int(min=1):id>', { response: { 200: User, 404: 'There is no such user.' } }),
    remove: Delete('/<uuid:key>', { response: { 204: null } }),
    picture: Put('/<int:id>/picture', { form: Picture, response: { 204: null } }),
    login: Post('/login', { form: Login, response: Login }),
  },
)
Blueprint('/users', { name: 'users' })(Users)

/** Jobs, with valibot. */
const Jobs = decorate(
  class {
    put({ body, query }) {
      return makeResponse({ ...body, command: `${body.command} ${typeof query.limit} ${typeof query.dry}` }, 202)
    }
    folder({ body }) {
      return body
    }
    attach() {
      return makeResponse('', 204)
    }
  },
  {
    put: Put('/<uuid:key>', { body: Job, query: JobQuery, response: { 202: Job } }),
    folder: Post('/folders', { body: Folder, response: Folder }),
    attach: Post('/attachments', { form: Attachment, response: { 204: null } }),
  },
)
Blueprint('/jobs', { name: 'jobs' })(Jobs)

/** Pets, with arktype. */
const Pets = decorate(
  class {
    show({ kind, headers }) {
      return { kind, name: headers['x-tenant'] }
    }
    add({ body }) {
      return makeResponse(body, 201)
    }
    visits({ cookies }) {
      return { visits: cookies.visits ?? 0 }
    }
  },
  {
    show: Get('/<any(cat,dog):kind>', { headers: Tenant, response: Pet }),
    add: Post('/', { body: Pet, response: { 201: Pet } }),
    visits: Get('/visits', { cookies: Visitor, response: type({ visits: 'number' }) }),
  },
)
Blueprint('/pets', { name: 'pets' })(Pets)

const App = decorate(
  class {
    seen(ctx) {
      if (ctx.request.endpoint?.startsWith('openapi.') === false) console.log(`${ctx.method} ${ctx.url}`)
    }
    tree({ body }) {
      return body
    }
    shape({ body }) {
      return body
    }
    file({ name }) {
      return name
    }
    colour({ colour, share }) {
      return { colour, share }
    }
    async rows(ctx) {
      return String((await ctx.request.bytes()).length)
    }
    hidden() {
      return 'hidden'
    }
  },
  {
    seen: BeforeRequest,
    tree: Post('/trees', { body: Tree, response: Tree }),
    shape: Post('/shapes', { body: Shape, response: Shape }),
    file: Get('/files/<path:name>', { response: z.string() }),
    colour: Get('/colours/<hex:colour>/<float(max=1):share>', {
      response: z.object({ colour: z.number(), share: z.number() }),
    }),
    rows: Post('/rows', {
      response: z.string(),
      doc: {
        requestBody: {
          description: 'Rows.',
          required: true,
          content: { 'text/csv': { schema: { type: 'string' }, example: 'a,b' }, 'application/octet-stream': {} },
          'x-rows': 10,
        },
      },
    }),
    hidden: Get('/hidden', { doc: false }),
  },
)

const app = bootstrap(App, {
  toJsonSchema,
  converters: {
    hex: {
      regex: '[0-9a-f]+',
      convert: text => parseInt(text, 16),
      schema: { type: 'string', pattern: '^[0-9a-f]+$' },
    },
  },
  blueprints: [
    Users,
    Jobs,
    Pets,
    openapiBlueprint({
      info: { title: 'Everything', version: '1.0.0' },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: { User, NewUser, Pet, Shape },
    }),
  ],
})
const server = app.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
