import { Get, OnShutdown, bootstrap, redirect, urlFor, type BootstrapOptions } from 'flaskoa'
import { openapiBlueprint } from 'flaskoa/openapi'
import { Bookmarks } from './bookmarks.js'
import { Pictures } from './pictures.js'
import type { Storage } from './storage.js'
import { Me, Users } from './users.js'

class App {
  constructor(private readonly storage: Storage) {}

  @Get('/', { doc: false })
  index() {
    return redirect(urlFor('openapi.docs'))
  }

  @OnShutdown()
  close() {
    this.storage.database.close()
  }
}

const COOKIE = 'bookmarks'

const openapi = openapiBlueprint({
  info: { title: 'Bookmarks', version: '1.0.0' },
  securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: COOKIE } },
})

export const createApp = (storage: Storage, options: BootstrapOptions) =>
  bootstrap(App, {
    blueprints: [Users, Me, Bookmarks, Pictures, openapi],
    resolve: Controller => new Controller(storage),
    problemDetails: true,
    requestTimeout: 30_000,
    session: {
      key: COOKIE,
      maxAge: 7 * 24 * 3600 * 1000,
      // Against CSRF: of the requests that another site causes, only a link that is followed brings the cookie.
      sameSite: 'lax',
    },
    ...options,
  })
