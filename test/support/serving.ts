import { appendFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Get, OnStart, Post, bootstrap, type Context } from 'flaskoa'
import { serve } from '../../src/cli/serve'

/** `flaskoa serve` with an application that writes the id of each request to the file FILE before it answers. */
class App {
  @OnStart() start() {
    if (process.env.FAILS === '1') throw new Error('connection refused')
  }
  @Post('/ids/<id>') add({ id }: { id: string }) {
    appendFileSync(process.env.FILE as string, `${id}\n`)
    return String(process.pid)
  }
  @Get('/ip') ip(ctx: Context) {
    return ctx.ip
  }
}

const { values } = parseArgs({ options: serve.options })
const call = { io: process, values, load: () => Promise.resolve({ app: bootstrap(App) }) }
serve.run(call).then(
  code => process.exit(code),
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  },
)
