import { EventEmitter, once } from 'node:events'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { AfterRequest, Route, TeardownRequest, bootstrap, session, streamWithContext, type Response } from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { withCause } from './with-cause'

/** Says when the endless stream is closed. */
const left = new EventEmitter()

/**
 * A program of its own in which all goes wrong that can. It prints how many errors its application reported, and then
 * must end by itself: Node ends it with an error if a promise was rejected and nobody looked.
 */
class App {
  @Route('/fine')
  fine() {
    return 'fine'
  }
  @Route('/fail')
  async fail(): Promise<string> {
    await sleep(1)
    throw new Error('from the view')
  }
  @Route('/save')
  save() {
    session.name = 'Ada'
    return ''
  }
  @Route('/stream')
  stream() {
    return streamWithContext(async function* () {
      yield 'a'
      await sleep(1)
      throw new Error('from the stream')
    })
  }
  @Route('/plain')
  async *plain() {
    yield 'a'
    await sleep(1)
    throw new Error('from the plain stream')
  }
  @Route('/unused')
  unused() {
    streamWithContext(['never'])
    return ''
  }
  @Route('/endless')
  endless() {
    return streamWithContext(async function* () {
      try {
        for (;;) {
          yield 'x'.repeat(1000)
          await sleep(1)
        }
      } finally {
        left.emit('closed')
      }
    })
  }
  @AfterRequest
  async after(response: Response) {
    await sleep(1)
    return response
  }
  @TeardownRequest
  async teardown() {
    await sleep(1)
    throw new Error('from teardown')
  }
}

const store = {
  get: () => Promise.reject(new Error('get')),
  set: () => Promise.reject(new Error('set')),
  destroy: () => Promise.reject(new Error('destroy')),
}

async function leaveEarly(url: string): Promise<void> {
  const client = request(url)
    .on('error', () => undefined)
    .end()
  const [response] = (await once(client, 'response')) as [NodeJS.ReadableStream]
  await once(response, 'data')
  const closed = once(left, 'closed')
  client.destroy()
  await closed
}

async function main(): Promise<void> {
  const app = bootstrap(App, {
    secretKey: 'secret',
    session: { store },
    afterRequestOnUnhandledError: true,
    logger: false,
  })
  const reported: string[] = []
  app.on('error', (error: Error) => reported.push(withCause(error)))
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = testClient(app)
  for (const path of ['/fine', '/fail', '/save', '/stream', '/plain', '/unused', '/unknown']) {
    for (const method of ['GET', 'HEAD', 'POST']) {
      await fetch(url + path, { method })
        .then(response => response.text())
        .catch(() => undefined)
      await client.request(method, path).catch(() => undefined)
    }
  }
  await leaveEarly(`${url}/endless`)
  server.close()
  server.closeAllConnections()
  console.log([...new Set(reported)].sort().join(', '))
}

void main()
