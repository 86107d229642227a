import type { AddressInfo } from 'node:net'
import { applicationFor } from './app'
import { Ledger } from './ledger'

// The server of `npm run soak`, in a process of its own. It prints its port, and its heap on request.

const TIMEOUT = 1000
const ledger = new Ledger(TIMEOUT)
const app = applicationFor(ledger, TIMEOUT)
const server = app.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
ledger.keep(server, app)

// Accounts are kept for as long as their requests run, and no longer.
setInterval(() => {
  for (const [id, { isOver }] of ledger.entries) if (isOver) ledger.strike(id)
}, 50)

process.on('message', () => {
  global.gc?.()
  const { heapUsed, rss } = process.memoryUsage()
  process.send?.({ heapUsed, rss, open: ledger.entries.size, ended: ledger.ended, arrived: ledger.arrived })
})
process.on('disconnect', () => process.exit())
