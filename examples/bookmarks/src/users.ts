import { BeforeRequest, Blueprint, Get, Post, abort, g, makeResponse, session } from 'flaskoa'
import { z } from 'zod'
import { hashPassword, verifyPassword } from './passwords.js'
import type { Storage } from './storage.js'

declare module 'flaskoa' {
  interface Globals {
    user: User
  }
  interface SessionData {
    userId?: number
  }
}

const Credentials = z.object({ name: z.string().trim().min(1).max(50), password: z.string().min(8).max(200) })
type Credentials = z.infer<typeof Credentials>

const User = z.object({ id: z.int(), name: z.string() }).meta({ id: 'User' })
type User = z.infer<typeof User>

@Blueprint({ name: 'users' })
export class Users {
  constructor(private readonly storage: Storage) {}

  @Post('/users', {
    body: Credentials,
    response: { 201: User, 409: 'The name is taken.' },
    doc: { summary: 'Registers a user' },
  })
  async register({ body }: { body: Credentials }) {
    const password = await hashPassword(body.password)
    const [user] = this.storage.database.query<User>(
      'INSERT INTO users (name, password) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING id, name',
      ...[body.name, password],
    )
    return user ?? abort(409, 'the name is taken')
  }

  @Post('/login', {
    body: Credentials,
    response: { 200: User, 401: 'The name or the password is wrong.' },
    doc: { summary: 'Logs a user in: the response sets the cookie of the session' },
  })
  async login({ body }: { body: Credentials }) {
    const [user] = this.storage.database.query<User & { password: string }>(
      'SELECT id, name, password FROM users WHERE name = ?',
      body.name,
    )
    const isRight = await verifyPassword(body.password, user?.password)
    if (user === undefined || !isRight) abort(401, 'the name or the password is wrong')
    session.regenerate()
    session.userId = user.id
    return user // without the password, which the response does not declare
  }

  @Post('/logout', { response: { 204: null }, doc: { summary: 'Logs the user out' } })
  logout() {
    session.clear()
    return makeResponse('', 204)
  }
}

/** The views of a class that extends this one are for users who are logged in. */
export abstract class ForUsers {
  constructor(protected readonly storage: Storage) {}

  @BeforeRequest({ security: { session: [] }, response: { 401: 'No user is logged in.' } })
  loadUser() {
    const { database } = this.storage
    const [user] = database.query<User>('SELECT id, name FROM users WHERE id = ?', session.userId ?? null)
    g.user = user ?? abort(401, 'log in first')
  }
}

@Blueprint({ name: 'me' })
export class Me extends ForUsers {
  @Get('/me', { response: User, doc: { summary: 'The user who is logged in' } })
  show() {
    return g.user
  }
}
