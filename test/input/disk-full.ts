import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { bootstrap, Post, TeardownRequest, type Context } from 'flaskoa'
import { MULTIPART, multipart, part } from '../support/multipart'
import { sendHttp1 } from '../support/send'
import { serve } from '../support/serve'

// A process of its own, whose files may not be larger than the shell that starts it says.

class App {
  @Post('/') async index({ request }: Context) {
    return [(await request.form()).files.size]
  }
  @TeardownRequest teardown() {
    console.log(`teardown ${uploads().length}`)
  }
}

const uploads = () => readdirSync(tmpdir()).filter(name => name.startsWith('flaskoa-'))

const app = bootstrap(App, { logger: { error: (_: unknown, message: unknown) => console.log(String(message)) } })
void serve(app, async url => {
  for (const size of [100, 10_000_000]) {
    const body = multipart([part('small', 'x', 's'), part('large', Buffer.alloc(size), 'l')])
    const [status] = await sendHttp1(url, { type: MULTIPART, body })
    console.log(`${status} ${uploads().length}`)
  }
})
