import type Koa from 'koa'
import { describe } from '../errors/describe'
import { SetupError } from '../errors/setup-error'
import { Form } from '../input/form'
import { MultiDict } from '../input/multi-dict'
import { refuse } from '../input/refuse'
import { RequestInput } from '../input/request-input'
import type { RequestMethods } from '../input/request-methods'
import type { Context, Request } from '../types'

type Methods = {
  readonly [Name in Exclude<keyof RequestMethods, 'args'>]: (this: Request) => ReturnType<RequestMethods[Name]>
}

const methods: Methods = {
  async json() {
    const document = await inputOf(this).json()
    return document === undefined ? refuse(400, 'the request has no body') : document
  },
  async form() {
    return new Form(await inputOf(this).form())
  },
  parts() {
    return inputOf(this).parts()
  },
  text() {
    return inputOf(this).text()
  },
  bytes() {
    return inputOf(this).bytes()
  },
}

const inputOf = ({ ctx }: Request) => RequestInput.of(ctx as Context)

/** Not kept: other middleware may write another query string. */
function args(this: Request): MultiDict {
  return new MultiDict(new URLSearchParams(this.querystring))
}

/**
 * Adds the methods that read a request's input to an application's requests.
 *
 * @throws SetupError if another library has put something of such a name there
 */
export function addRequestMethods({ request }: Koa): void {
  for (const [name, value] of Object.entries(methods)) add(request, name, { value, writable: true })
  add(request, 'args', { get: args })
}

function add(request: Koa.BaseRequest, name: string, property: PropertyDescriptor): void {
  const own = Object.getOwnPropertyDescriptor(request, name)
  if (own !== undefined && own.value === property.value && own.get === property.get) return
  const taken = (request as unknown as Record<string, unknown>)[name]
  if (name in request) {
    throw new SetupError(
      'BAD_OPTION',
      `the application's request already has a property '${name}', ${describe(taken)}, where flaskoa puts a method of ` +
        'its own. Leave out the library that adds it: request.json(), form(), parts(), text() and bytes() read bodies.',
    )
  }
  Object.defineProperty(request, name, { ...property, configurable: true })
}
