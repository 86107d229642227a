import { BeforeAppRequest, Blueprint, Get, Route, flash, g, redirect, request, session, urlFor } from 'flaskoa'
import { checkPasswordHash, generatePasswordHash } from 'flaskoa/security'
import { renderTemplate } from 'flaskoa/templates'
import { query } from './db.js'
import { fields } from './forms.js'

interface User {
  readonly id: number
  readonly username: string
  readonly password: string
}

declare module 'flaskoa' {
  interface Globals {
    user: User | undefined
  }
  interface SessionData {
    user_id?: number
  }
}

@Blueprint('/auth', { name: 'auth' })
export class Auth {
  @BeforeAppRequest()
  loadLoggedInUser() {
    const { user_id: id } = session
    g.user = id === undefined ? undefined : query<User>('SELECT * FROM user WHERE id = ?', id)[0]
  }

  @Route('/register', { methods: ['GET', 'POST'] })
  async register() {
    if (request.method === 'POST') {
      const { username, password } = await fields('username', 'password')
      const error = await this.add(username, password)
      if (error === undefined) return redirect(urlFor('auth.login'))
      flash(error)
    }
    return renderTemplate('auth/register.html')
  }

  @Route('/login', { methods: ['GET', 'POST'] })
  async login() {
    if (request.method === 'POST') {
      const { username, password } = await fields('username', 'password')
      const [user] = query<User>('SELECT * FROM user WHERE username = ?', username)
      if (user === undefined) flash('Incorrect username.')
      else if (!(await checkPasswordHash(user.password, password))) flash('Incorrect password.')
      else {
        session.clear()
        session.user_id = user.id
        return redirect(urlFor('index'))
      }
    }
    return renderTemplate('auth/login.html')
  }

  @Get('/logout')
  logout() {
    session.clear()
    return redirect(urlFor('index'))
  }

  /** Adds a user, or returns what is wrong. */
  private async add(username: string, password: string): Promise<string | undefined> {
    if (username === '') return 'Username is required.'
    if (password === '') return 'Password is required.'
    const added = query(
      'INSERT INTO user (username, password) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING id',
      username,
      await generatePasswordHash(password),
    )
    return added.length === 0 ? `User ${username} is already registered.` : undefined
  }
}
