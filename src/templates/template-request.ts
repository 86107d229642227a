import { MultiDict } from '../input/multi-dict'
import { current } from '../request/current'
import { Form } from '../input/form'
import { RequestInput } from '../input/request-input'
import type { Context } from '../types'
import { Dictionary, TemplateFile, UrlRule, UserAgent } from './request-values'
import { TemplateError } from '../jinja/template-error'

/** Methods whose forms `request.values` has. */
const WITH_FORM = ['POST', 'PUT', 'PATCH']

const rootUrl = ({ protocol, host }: Context) => `${protocol}://${host}/`

/** What Flask's `request` has under another name than Koa's, or reads at once. */
const FLASK: Readonly<Record<string, (ctx: Context) => unknown>> = {
  base_url: ({ protocol, host, path }) => `${protocol}://${host}${path}`,
  blueprint: ({ request }) => request.blueprint ?? null,
  content_length: ctx => (ctx.get('Content-Length') === '' ? null : ctx.request.length),
  content_type: ctx => ctx.get('Content-Type') || null,
  cookies: ctx => new Dictionary(cookieNames(ctx), name => ctx.cookies.get(name)),
  endpoint: ({ request }) => request.endpoint ?? null,
  files: ctx =>
    new MultiDict([...form(ctx).files].map(([name, file]) => [name, new TemplateFile(name, file)] as const)),
  form,
  full_path: ({ path, querystring }) => `${path}?${querystring}`,
  host_url: rootUrl,
  is_json: ctx => typeof ctx.is('json', '+json') === 'string',
  headers: ctx => new Dictionary(Object.keys(ctx.headers), name => ownField(ctx, name.toLowerCase())),
  is_secure: ({ secure }) => secure,
  mimetype: ({ request }) => request.type,
  query_string: ({ querystring }) => querystring,
  referrer: ctx => ctx.get('Referer') || null,
  remote_addr: ({ ip }) => ip,
  root_url: rootUrl,
  scheme: ({ protocol }) => protocol,
  url: ({ href }) => href,
  url_root: rootUrl,
  url_rule: ({ request: { urlRule, endpoint } }) => (urlRule === undefined ? null : new UrlRule(urlRule, endpoint)),
  user_agent: ctx => new UserAgent(ctx.get('User-Agent')),
  values: ctx => new MultiDict([...ctx.request.args, ...(WITH_FORM.includes(ctx.method) ? form(ctx) : [])]),
  view_args: ({ request }) => request.viewArgs,
}

const ownField = ({ headers }: Context, name: string): unknown =>
  Object.hasOwn(headers, name) ? headers[name] : undefined

const cookieNames = (ctx: Context): string[] =>
  [...ctx.get('Cookie').matchAll(/([^\s;=]+)=/g)].map(found => found[1] as string)

/** The fields of a form that the view has read. A template cannot wait for them. */
function form(ctx: Context): Form {
  const read = RequestInput.of(ctx).settledForm
  if (read !== undefined) return new Form(read)
  if (ctx.method === 'GET' || ctx.method === 'HEAD') return new Form([])
  throw new TemplateError(
    'request.form was not read: call await request.form() in the view, or give the route the option form. A template cannot wait.',
  )
}

/** Of a class, so that templates do not take it for a dictionary. */
class TemplateRequest {
  readonly [Symbol.toStringTag] = 'request'
}

/** Flask's `request` for templates: by its names and by those of Koa. */
export const templateRequest: object = new Proxy(new TemplateRequest(), {
  get: (_, name) => {
    const { ctx } = current('request')
    const own = Object.hasOwn(FLASK, name) ? FLASK[name as string] : undefined
    if (own !== undefined) return own(ctx)
    const value: unknown = Reflect.get(ctx.request, name)
    return typeof value === 'function' ? (value.bind(ctx.request) as unknown) : value
  },
  has: (_, name) => Object.hasOwn(FLASK, name) || name in current('request').ctx.request,
})
