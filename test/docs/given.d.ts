// What the fragments of the documents take for granted.
import 'flaskoa'

declare module 'flaskoa' {
  interface Globals {
    user: { id: number; name: string } | undefined
  }
  interface SessionData {
    userId?: number
  }
}

declare global {
  const db: { users(): { id: number; name: string }[]; user(id: number): { id: number; name: string } | undefined }
  const secretKey: string
  class AppController {}
}
