import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createApp } from './app.js'
import { openStorage } from './storage.js'

/** The application with its storage, as the variables say: for the server, and for the command flaskoa. */
export async function openApp() {
  const {
    DATA = join(import.meta.dirname, '../data'),
    // Without a key of your own, all users are logged out when the server starts again.
    SECRET_KEY = randomBytes(32).toString('hex'),
  } = process.env
  return createApp(await openStorage(DATA), { secretKey: SECRET_KEY })
}
