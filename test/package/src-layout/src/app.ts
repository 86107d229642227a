// An application in src/, with its tests in test/: the other layout that docs/compilers.md shows a tsconfig.json for.
import { Get, bootstrap, type Context } from 'flaskoa'

class App {
  @Get('/users/<int:id>')
  show({ id }: { id: number }, ctx: Context) {
    return { id, path: ctx.path }
  }
}

export const app = bootstrap(App)
