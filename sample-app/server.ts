import { createApp } from './app'

const host = process.env.HOST ?? '127.0.0.1'
const port = Number(process.env.PORT ?? 5000)

createApp().listen(port, host, () => {
  console.log(`flaskoa sample app on http://${host}:${port}/ (Ctrl+C stops it)`)
})
