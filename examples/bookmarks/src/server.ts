import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { gracefulShutdown } from 'flaskoa'
import { createApp } from './app.js'
import { openStorage } from './storage.js'

const {
  DATA = join(import.meta.dirname, '../data'),
  HOST = '127.0.0.1',
  PORT = '5000',
  // Without a key of your own, all users are logged out when the server starts again.
  SECRET_KEY = randomBytes(32).toString('hex'),
} = process.env

const app = createApp(await openStorage(DATA), { secretKey: SECRET_KEY })
const server = app.listen(Number(PORT), HOST, () => console.log(`http://${HOST}:${PORT}/docs`))
gracefulShutdown(server)
