// One application per workload, for flaskoa.ts and flaskoa-on-koa.ts.
import type * as Flaskoa from 'flaskoa'
import type { LifecycleOptions, Response } from 'flaskoa'
import { define, flaskoa } from './flaskoa-module'
import { cached, count, each, megabyte, newUser, quarters, SECRET, tornDown, workload } from './support'

declare module 'flaskoa' {
  interface Globals {
    user: string
    hooks: number
  }
  interface SessionData {
    visits?: number
    user?: string
  }
}

const {
  AfterRequest,
  BeforeRequest,
  Blueprint,
  ErrorHandler,
  Post,
  Route,
  TeardownRequest,
  abort,
  g,
  makeResponse,
  session,
} = flaskoa

interface Application {
  readonly controller: new () => object
  readonly options?: LifecycleOptions
  readonly bodyParser?: true
}

const applications: Readonly<Record<string, () => Application>> = {
  hello() {
    class App {
      @Route('/') index() {
        return 'Hello World'
      }
    }
    return { controller: App }
  },
  lifecycle: () => ({ controller: Users }),
  'lifecycle-async': () => ({ controller: AsyncUsers }),
  'lifecycle-awaits': () => ({ controller: AwaitingUsers }),
  http2: () => ({ controller: Users }),
  routes() {
    class Routes extends Hooks {}
    for (const index of each) {
      define(Routes, `show${index}`, Route(`/r${index}/<int:id>`), ({ id }: { id: number }) => ({ id, by: g.user }))
    }
    return { controller: Routes }
  },
  hooks() {
    class ManyHooks {
      @Route('/') index() {
        return { hooks: g.hooks }
      }
    }
    for (const index of each) {
      const hook = () => void (g.hooks = index === 0 ? 1 : g.hooks + 1)
      define(ManyHooks, `before${index}`, BeforeRequest(), hook)
    }
    return { controller: ManyHooks }
  },
  /** Hooks that do not use `g`, to measure the lifecycle alone. */
  'bare-hooks'() {
    class ManyHooks {
      @Route('/') index(ctx: Flaskoa.Context) {
        return { hooks: ctx.state.hooks as number }
      }
    }
    for (const index of each) {
      const hook = ({ state }: Flaskoa.Context) => void (state.hooks = index === 0 ? 1 : (state.hooks as number) + 1)
      define(ManyHooks, `before${index}`, BeforeRequest(), hook)
    }
    return { controller: ManyHooks }
  },
  'async-hooks'() {
    class ManyHooks {
      @Route('/') index() {
        return { hooks: g.hooks }
      }
    }
    for (const index of each) {
      const hook = async () => void (g.hooks = index === 0 ? 1 : g.hooks + 1)
      define(ManyHooks, `before${index}`, BeforeRequest(), hook)
    }
    return { controller: ManyHooks }
  },
  levels() {
    if (count === 0) return { controller: Users }
    class App extends Hooks {}
    return { controller: App, options: { blueprints: [nested(count)] } }
  },
  session() {
    class App {
      @Route('/') index() {
        session.visits = (session.visits ?? 0) + 1
        return { visits: session.visits }
      }
    }
    return { controller: App, options: { secretKey: SECRET } }
  },
  'session-read'() {
    class App {
      @Route('/') index() {
        return { user: session.user ?? '' }
      }
      @Route('/login') login() {
        session.user = 'root'
        return 'welcome'
      }
    }
    return { controller: App, options: { secretKey: SECRET } }
  },
  'session-untouched': () => ({ controller: Users, options: { secretKey: SECRET } }),
  stream() {
    class App {
      @Route('/') index() {
        return megabyte()
      }
    }
    return { controller: App }
  },
  'stream-64k'() {
    class App {
      @Route('/') index() {
        return quarters()
      }
    }
    return { controller: App }
  },
  abort() {
    class App {
      @Route('/users/<int:id>') show({ id }: { id: number }): string {
        return abort(404, `no user ${id}`)
      }
      @ErrorHandler(404) notFound(error: Error) {
        return makeResponse({ error: error.message }, 404)
      }
    }
    return { controller: App }
  },
  'not-found'() {
    return this.hello!()
  },
  errors() {
    class App extends Users {
      @Route('/fail') fail(): string {
        throw new Error('broken')
      }
      @ErrorHandler(Error) failed(error: Error) {
        return makeResponse({ error: error.message }, 500)
      }
    }
    return { controller: App }
  },
  input() {
    class App {
      @Post('/users', { body: newUser() }) create({ body }: { body: NewUser }) {
        return { name: body.name, tags: body.tags.length }
      }
    }
    return { controller: App }
  },
  json() {
    class App {
      @Post('/') count(ctx: Flaskoa.Context) {
        const { items } = (ctx.request as unknown as { body: { items: unknown[] } }).body
        return { items: items.length }
      }
    }
    return { controller: App, bodyParser: true }
  },
}

/** What a schema makes of the body in the workload `input`. */
interface NewUser {
  readonly name: string
  readonly tags: readonly string[]
}

class Hooks {
  @BeforeRequest() loadUser() {
    g.user = 'root'
  }
  @AfterRequest() stamp(response: Response) {
    response.set('X-User', g.user)
    return response
  }
  @TeardownRequest() close() {
    tornDown.requests++
  }
}

class Users extends Hooks {
  @Route('/users/<int:id>') show({ id }: { id: number }) {
    return { id, by: g.user }
  }
}

/** Blueprints in blueprints, the view in the innermost. */
function nested(levels: number): new () => object {
  class Inner {}
  if (levels === 1) define(Inner, 'show', Route('/users/<int:id>'), ({ id }: { id: number }) => ({ id, by: g.user }))
  Blueprint('/b', levels === 1 ? { name: 'b' } : { name: 'b', blueprints: [nested(levels - 1)] })(Inner)
  return Inner
}

class AsyncUsers {
  @BeforeRequest() async loadUser() {
    g.user = 'root'
  }
  @Route('/users/<int:id>') async show({ id }: { id: number }) {
    return { id, by: g.user }
  }
  @AfterRequest() async stamp(response: Response) {
    response.set('X-User', g.user)
    return response
  }
  @TeardownRequest() async close() {
    tornDown.requests++
  }
}

/** `g` is used before each await, so that the same code runs without an AsyncLocalStorage. */
class AwaitingUsers {
  @BeforeRequest() async loadUser() {
    g.user = 'root'
    await cached()
  }
  @Route('/users/<int:id>') async show({ id }: { id: number }) {
    const by = g.user
    await cached()
    return { id, by }
  }
  @AfterRequest() async stamp(response: Response) {
    response.set('X-User', g.user)
    await cached()
    return response
  }
  @TeardownRequest() async close() {
    await cached()
    tornDown.requests++
  }
}

export const application = (applications[workload] as () => Application)()
