import { OutgoingMessage, ServerResponse } from 'node:http'
import { Get, bootstrap, type Context } from 'flaskoa'
import { ask } from '../support/ask'
import { serve } from '../support/serve'

class App {
  @Get('/') index(ctx: Context) {
    ctx.set('X-View', 'a')
    ctx.status = 201
    return 'text'
  }
}

const seen: string[] = []
beforeEach(() => (seen.length = 0))

type Method = (this: ServerResponse, ...args: unknown[]) => unknown

/** Replaces a method of Node's while `act` runs, as tools do that trace requests. */
async function patched(prototype: object, name: string, act: () => Promise<void>): Promise<void> {
  const own = Object.getOwnPropertyDescriptor(prototype, name)
  const original = Reflect.get(prototype, name) as Method
  const value: Method = function (...args) {
    seen.push(`${name} ${String(args[0])}`)
    if (name === 'writeHead') this.setHeader('X-Trace', '1')
    return original.apply(this, args)
  }
  Object.defineProperty(prototype, name, { value, writable: true, configurable: true, enumerable: true })
  try {
    await act()
  } finally {
    if (own === undefined) Reflect.deleteProperty(prototype, name)
    else Object.defineProperty(prototype, name, own)
  }
}

const answered = () =>
  serve(bootstrap(App, { logger: false }), async url => {
    const { status, headers, text } = await ask(url)
    return [status, headers['x-view'], headers['x-trace'], text]
  })

test.each([
  ['ServerResponse.prototype', ServerResponse.prototype],
  ['OutgoingMessage.prototype', OutgoingMessage.prototype],
])('a setHeader that was put on %s sees the fields of each response', async (_, prototype) => {
  await patched(prototype, 'setHeader', async () => {
    expect(await answered()).toEqual([201, 'a', undefined, 'text'])
  })
  expect(seen).toEqual(expect.arrayContaining(['setHeader X-View', 'setHeader Content-Type']))
})

test('a writeHead that was put on ServerResponse.prototype may set fields', async () => {
  await patched(ServerResponse.prototype, 'writeHead', async () => {
    expect(await answered()).toEqual([201, 'a', '1', 'text'])
  })
  expect(seen).toEqual(['writeHead 201'])
})

test('without them, the response keeps its fields itself', async () => {
  expect(await answered()).toEqual([201, 'a', undefined, 'text'])
  expect(seen).toEqual([])
})
