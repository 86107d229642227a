import { start } from './flaskoa-start'

start({})
