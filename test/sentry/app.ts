import './instrument' // first, so that Sentry knows the modules that are loaded after it
import * as Sentry from '@sentry/node'
import { ErrorHandler, Get, bootstrap, type Context } from 'flaskoa'

class App {
  @Get('/users/<int:id>')
  user({ id }: { id: number }) {
    if (id === 0) throw new Error(`there is no user ${id}`)
    return { id }
  }

  @Get('/broken/<name>')
  async *broken() {
    yield 'some'
    await Promise.resolve()
    throw new Error('broken off')
  }

  @Get('/handled')
  handled(): string {
    throw new RangeError('handled')
  }

  @ErrorHandler(RangeError)
  outOfRange() {
    return 'answered'
  }
}

/** Names a request by its rule, where Sentry has only its URL: in errors and in traces. */
function nameTransaction({ method, request: { urlRule } }: Context) {
  const name = urlRule === undefined ? method : `${method} ${urlRule}`
  Sentry.getIsolationScope().setTransactionName(name)
  const span = Sentry.getActiveSpan()
  if (span !== undefined) Sentry.updateSpanName(Sentry.getRootSpan(span), name)
}

export const app = bootstrap(App, { logger: false })
app.on('requestStarted', nameTransaction)
Sentry.setupKoaErrorHandler(app)
