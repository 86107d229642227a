import 'flaskoa'

/** Names that tests use. One declaration for all of them, because it holds for the whole program. */
declare module 'flaskoa' {
  interface Globals {
    name?: string
    count?: number
    lang?: string
    pile?: string[]
    customer?: object
    cart?: string[]
    databasePassword?: string
  }
  interface SessionData {
    name?: string
    count?: number
    items?: unknown[]
    value?: unknown
    userId?: number
    csrfToken?: string
  }
  interface Config {
    greeting: string
    port: number
  }
  interface Converters {
    hex: number
    list: string[]
  }
}
