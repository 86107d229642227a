import { setImmediate as turn } from 'node:timers/promises'
import type Koa from 'koa'
import { Get, bootstrap } from 'flaskoa'
import { telemetry } from 'flaskoa/telemetry'

class App {
  @Get('/users/<int:id>') user() {
    return 'user'
  }
  @Get('/unhandled') unhandled(): string {
    throw new TypeError('unhandled')
  }
  @Get('/ignored') ignored() {
    return ''
  }
  @Get('/broken') async *broken() {
    yield 'some'
    await turn()
    throw new Error('broken off')
  }
}

export const makeApp = (): Koa => bootstrap(App, { middleware: [telemetry({ methods: true })], logger: false })
