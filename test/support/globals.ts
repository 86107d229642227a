import 'flaskoa'

/** Names that tests use. One declaration for all of them, because it holds for the whole program. */
declare module 'flaskoa' {
  interface Globals {
    name?: string
    count?: number
    lang?: string
    pile?: string[]
  }
  interface SessionData {
    name?: string
    count?: number
    items?: unknown[]
    value?: unknown
  }
  interface Converters {
    hex: number
    list: string[]
  }
}
