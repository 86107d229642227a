// The reference step of pace.ts: a process starts a server and asks it fifty times, each time on a new connection.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'

const REQUESTS = 50

const server = createServer((_, res) => res.end('answered')).listen(0, '127.0.0.1')
await once(server, 'listening')
for (let sent = 0; sent < REQUESTS; sent++) {
  const socket = connect(server.address().port, '127.0.0.1').resume()
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  await once(socket, 'close')
}
server.close()
