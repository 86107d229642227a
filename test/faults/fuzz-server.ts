import type { AddressInfo } from 'node:net'
import { bootstrap, Post, type Context } from 'flaskoa'
import { AppController } from '../../sample-app/app'

/** The sample application, which reads bodies here. */
class Reading extends AppController {
  @Post('/') async read({ request }: Context) {
    if (request.is('json') !== false) return [typeof (await request.json())]
    if (request.is('multipart', 'urlencoded') === false) return (await request.text()) || 'none'
    const form = await request.form()
    const files = [...form.files].map(async ([name, file]) => [name, file.name, (await file.text()).length])
    return [...form, ...(await Promise.all(files))]
  }
}

// In a process of its own. It says on which port it is, and stays until it is stopped.

const FIRST_PORT = 20_000
const PORTS = 9_000

function listen(attempt: number): void {
  const port = FIRST_PORT + Math.floor(Math.random() * PORTS)
  const server = bootstrap(Reading, { secretKey: 'fuzz' }).listen(port, '127.0.0.1')
  server.once('listening', () => process.send?.((server.address() as AddressInfo).port))
  server.once('error', error => {
    if (attempt === 0) throw error
    listen(attempt - 1)
  })
}

listen(20)
