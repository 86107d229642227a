// The application that each set-up of docs/compilers.md compiles. It checks itself, so the process fails if decorators do not work.
import { BeforeRequest, Blueprint, Get, bootstrap, g, urlFor, type Context } from 'flaskoa'
import { testClient } from 'flaskoa/testing'

declare module 'flaskoa' {
  interface Globals {
    user?: string
  }
}

@Blueprint('/users', { name: 'users' })
class Users {
  @Get('/<int:id>')
  show({ id }: { id: number }, ctx: Context) {
    return { id, user: g.user, path: ctx.path, next: urlFor('users.show', { id: id + 1 }) }
  }
}

class App {
  @BeforeRequest()
  loadUser() {
    g.user = 'Ada'
  }
}

const response = await testClient(bootstrap(App, { blueprints: [Users] })).get('/users/5')
if (response.text !== '{"id":5,"user":"Ada","path":"/users/5","next":"/users/6"}') throw new Error(response.text)
console.log('works')
