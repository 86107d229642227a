// Without AsyncLocalStorage.
import { start } from './flaskoa-start'

start({ asyncContext: false })
