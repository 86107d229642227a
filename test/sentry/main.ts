import { app } from './app'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import * as Sentry from '@sentry/node'
import { sent } from './transport'

/** Sends requests to the application, and prints the names that Sentry would have got. */
async function main() {
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (const path of ['/users/5', '/users/0', '/broken/a', '/handled', '/unknown/5']) {
    await fetch(url + path)
      .then(response => response.text())
      .catch(() => undefined)
  }
  await Sentry.flush(5000)
  server.closeAllConnections()
  server.close()
  console.log(JSON.stringify({ errors: errors(), transactions: transactions() }))
}

interface ErrorEvent {
  transaction: string
  exception: { values: { value: string }[] }
}

const errors = () =>
  ofType<ErrorEvent>('event').map(({ transaction, exception: { values } }) => [
    transaction,
    ...values.map(each => each.value),
  ])

interface Spans {
  items: { name: string; is_segment: boolean; attributes: Record<string, { value: unknown }> }[]
}

const transactions = () =>
  ofType<Spans>('span')
    .flatMap(({ items }) => items)
    .filter(({ attributes }) => attributes['sentry.op']?.value === 'http.server')
    .map(({ name }) => name)

const ofType = <T>(wanted: string) => sent.filter(({ type }) => type === wanted).map(({ item }) => item as T)

void main()
