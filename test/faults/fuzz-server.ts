import type { AddressInfo } from 'node:net'
import { createApp } from '../../sample-app/app'

// The sample application in a process of its own. It says on which port it is, and stays until it is stopped.

const FIRST_PORT = 20_000
const PORTS = 9_000

function listen(attempt: number): void {
  const port = FIRST_PORT + Math.floor(Math.random() * PORTS)
  const server = createApp().listen(port, '127.0.0.1')
  server.once('listening', () => process.send?.((server.address() as AddressInfo).port))
  server.once('error', error => {
    if (attempt === 0) throw error
    listen(attempt - 1)
  })
}

listen(20)
