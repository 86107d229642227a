import type Koa from 'koa'
import { Form } from '../input/form'
import { MultiDict } from '../input/multi-dict'
import { refuse } from '../input/refuse'
import { RequestInput } from '../input/request-input'
import type { RequestMethods } from '../input/request-methods'
import type { Context, Request } from '../types'
import { awaitable } from '../input/awaitable'
import { addProperty } from './add-property'

type Methods = {
  readonly [Name in Exclude<keyof RequestMethods, 'args'>]: (this: Request) => ReturnType<RequestMethods[Name]>
}

const methods: Methods = {
  json() {
    return awaitable(() =>
      inputOf(this).json(document => (document === undefined ? refuse(400, 'the request has no body') : document)),
    )
  },
  form() {
    return awaitable(async () => new Form(await inputOf(this).form()))
  },
  parts() {
    return inputOf(this).parts()
  },
  text() {
    return awaitable(() => inputOf(this).text())
  },
  bytes() {
    return awaitable(() => inputOf(this).bytes())
  },
}

const inputOf = ({ ctx }: Request) => RequestInput.of(ctx as Context)

/** Not kept: other middleware may write another query string. */
function args(this: Request): MultiDict {
  return new MultiDict(new URLSearchParams(this.querystring))
}

const PLACE = {
  name: 'request',
  instead: 'await request.json(), form(), parts(), text() and bytes() read bodies.',
} as const

/**
 * Adds the methods that read a request's input to an application's requests.
 *
 * @throws SetupError if another library has put something of such a name there
 */
export function addRequestMethods({ request }: Koa): void {
  for (const [name, value] of Object.entries(methods)) addProperty(request, name, { value, writable: true }, PLACE)
  addProperty(request, 'args', { get: args }, PLACE)
}
