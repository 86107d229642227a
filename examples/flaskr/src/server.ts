import { gracefulShutdown, withAppContext } from 'flaskoa'
import { createApp } from './app.js'
import { db } from './db.js'

const { HOST = '127.0.0.1', PORT = '5000', INIT_DB } = process.env

const app = createApp()
await app.ready()
if (INIT_DB === '1') await withAppContext(app, () => db.init())

const server = app.listen(Number(PORT), HOST, () => console.log(`http://${HOST}:${PORT}/`))
gracefulShutdown(server)
