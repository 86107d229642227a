import type { AddressInfo } from 'node:net'
import { gracefulShutdown } from 'flaskoa'
import { createApp } from './app'

const host = process.env.HOST ?? '127.0.0.1'
const port = Number(process.env.PORT ?? 5000)

const server = createApp().listen(port, host, () => {
  // PORT=0 lets the system choose: the banner names the port that it chose.
  console.log(`flaskoa sample app on http://${host}:${(server.address() as AddressInfo).port}/ (Ctrl+C stops it)`)
})

// SIGTERM, SIGINT and their like: requests in flight end, and only then the process.
gracefulShutdown(server)
