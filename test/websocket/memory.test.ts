import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { get, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { AfterResponse, Get, bootstrap, eventStream, type Context } from 'flaskoa'
import { webSocket, webSockets, type WebSocketConnection } from 'flaskoa/websocket'
import { until } from '../support/until'
import { serve } from '../support/serve'
import { handshake, open, raw, headOf } from './support'

// Not by an option of the command, because jest starts its workers itself.
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** How many of the objects that were noted are still in memory. */
class Kept {
  #refs: WeakRef<object>[] = []
  add(...objects: object[]): void {
    for (const each of objects) this.#refs.push(new WeakRef(each))
  }
  get count(): number {
    collectGarbage()
    return this.#refs.filter(each => each.deref() !== undefined).length
  }
}

const kept = new Kept()
let ended = 0
class App {
  @Get('/<how>') socket({ how }: { how: string }, ctx: Context) {
    kept.add(ctx, ctx.req, ctx.res, ctx.req.socket)
    return webSocket(async (socket: WebSocketConnection) => {
      kept.add(socket)
      if (how === 'fails') throw new Error('broken')
      if (how === 'returns') return
      for await (const message of socket) socket.send(message)
    })
  }
  @Get('/events/<how>') events({ how }: { how: string }, ctx: Context) {
    kept.add(ctx, ctx.req, ctx.res, ctx.req.socket)
    return eventStream(async function* (_, signal) {
      kept.add(signal)
      yield 'first'
      if (how === 'fails') throw new Error('broken')
      if (how === 'waits') await once(signal, 'abort')
    })
  }
  @AfterResponse() outcome() {
    ended++
  }
}

/** How often each kind of connection is opened. */
const ROUNDS = 60
/** Opened in each round. */
const CONNECTIONS = 8
/** Node and the test keep the last one of some. */
const MOST_KEPT = 20

async function openEach(url: string): Promise<void> {
  const names = ['echo', 'echo', 'fails', 'returns']
  const clients = await Promise.all(names.map(name => open(`${url}/${name}`)))
  clients[0]?.client.close()
  clients[1]?.client.terminate()
  const leaving = await raw(url, handshake('/echo'))
  await headOf(leaving)
  leaving.destroy()
  await Promise.all(clients.map(({ closed }) => closed))
  for (const how of ['ends', 'fails', 'waits']) {
    const sent = get(`${url}/events/${how}`, { agent: false }).on('error', () => undefined)
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    const closed = new Promise(resolve => response.once('close', resolve))
    response.on('error', () => undefined).resume()
    if (how === 'waits') sent.destroy()
    await closed
  }
}

test('connections that have ended leave nothing in memory, however they have ended', async () => {
  const app = bootstrap(App, { logger: false, secretKey: 'k', extensions: [webSockets()] })
  app.on('error', () => undefined)
  await serve(app, async url => {
    for (let round = 0; round < ROUNDS; round++) await openEach(url)
    await until('all requests have ended', () => ended === ROUNDS * CONNECTIONS)
    await until('they are collected', () => kept.count <= MOST_KEPT)
  })
})
