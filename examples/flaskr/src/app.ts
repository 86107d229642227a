import { join } from 'node:path'
import { Get, bootstrap, type BootstrapOptions } from 'flaskoa'
import { config } from 'flaskoa/config'
import { staticFiles } from 'flaskoa/static'
import { templates } from 'flaskoa/templates'
import { z } from 'zod'
import { Auth } from './auth.js'
import { Blog } from './blog.js'
import { db } from './db.js'

const root = join(import.meta.dirname, '..')

const Settings = z.object({
  SECRET_KEY: z.string().default('dev'), // give another one in production
  DATABASE: z.string().default(join(root, 'instance/flaskr.sqlite')),
})

declare module 'flaskoa' {
  interface Config extends z.infer<typeof Settings> {}
}

class Flaskr {
  @Get('/hello')
  hello() {
    return 'Hello, World!'
  }
}

/** @param settings instead of those of the environment, for tests */
export const createApp = (settings: Partial<z.infer<typeof Settings>> = {}, options: BootstrapOptions = {}) =>
  bootstrap(Flaskr, {
    root,
    extensions: [
      config(Settings, { override: settings, options: ({ SECRET_KEY }) => ({ secretKey: SECRET_KEY }) }),
      db,
      templates('templates'),
      staticFiles('static'),
    ],
    blueprints: [Auth, Blog],
    session: { key: 'session' },
    ...options,
  })
