import { gracefulShutdown } from 'flaskoa'
import { openApp } from './open.js'

const { HOST = '127.0.0.1', PORT = '5000' } = process.env

const app = await openApp()
const server = app.listen(Number(PORT), HOST, () => console.log(`http://${HOST}:${PORT}/docs`))
gracefulShutdown(server)
