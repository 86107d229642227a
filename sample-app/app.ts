import {
  AfterRequest,
  BeforeFirstRequest,
  BeforeRequest,
  Route,
  TeardownRequest,
  bootstrap,
  g,
  session,
  type KoaResponse,
} from 'flaskoa'

declare module 'flaskoa' {
  interface Globals {
    username: string
  }
  interface SessionData {
    foo?: string
  }
}

/** The application of the article "Flask before and after request functions", under the heading "All together". */
export class AppController {
  /** Runs once, before the first request to this instance of the application: the place to create tables. */
  @BeforeFirstRequest()
  beforeFirstRequest() {
    console.log('This function will run once')
  }

  /** Runs before every request: the place to open connections, to load the user from the session, to fill `g`. */
  @BeforeRequest()
  beforeRequest() {
    session.foo = 'bar'
    g.username = 'root'
    console.log('before_request is running!')
  }

  @Route('/')
  index() {
    // The article's second run: the error is thrown here.
    if (process.env.RAISE) throw new Error('after_request will not run')
    console.log('index is running!', g.username, session.foo)
    return 'Hello world'
  }

  /** Runs after every request that no exception ended, with the response, and returns it. */
  @AfterRequest()
  afterRequest(response: KoaResponse) {
    console.log('after_request is running!', g.username, session.foo)
    return response
  }

  /** Runs at the end of every request, exception or not: the place to close what beforeRequest opened. */
  @TeardownRequest()
  teardownRequest(error?: Error) {
    console.log('teardown_request is running!')
    if (error) console.log(error.message)
  }
}

export const createApp = () => bootstrap(AppController, { secretKey: process.env.SECRET_KEY ?? 'iufh4857o3yfhh3' })
