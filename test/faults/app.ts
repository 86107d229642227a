import { text } from 'node:stream/consumers'
import {
  AfterRequest,
  AfterResponse,
  afterThisRequest,
  BeforeRequest,
  Blueprint,
  bootstrap,
  ErrorHandler,
  g,
  makeResponse,
  OnShutdown,
  Route,
  session,
  TeardownAppContext,
  TeardownRequest,
  UrlValuePreprocessor,
  type Context,
  type Outcome,
  type Response,
  type ResponseValue,
} from 'flaskoa'
import type Koa from 'koa'
import { entryOf, type Entry } from './entry'
import type { Ledger } from './ledger'
import { isStream, type Place } from './plan'
import { bodyOf } from './sources'
import { store } from './store'
import { act, Handled } from './strike'
import { unserialisable } from './values'

declare module 'flaskoa' {
  interface Converters {
    fussy: string
  }
}

const METHODS = { methods: ['GET', 'POST'] } as const
const RULE = '/do/<fussy:id>'

/** What every view does. */
function view(scope: Entry['plan']['scope'], ctx: Context): ResponseValue {
  const entry = entryOf(ctx)
  if (entry.plan.scope !== scope) entry.wrongs.push(`the view of ${scope} ran`)
  entry.signal = ctx.signal
  afterThisRequest(response => act(entry, 'this request', 'this request', () => response) as Response)
  return act(entry, 'view', 'view', () => answer(entry, ctx)) as ResponseValue
}

function answer(entry: Entry, ctx: Context): unknown {
  const { plan, id } = entry
  if (plan.hasSession) {
    if (session.name !== id) entry.wrongs.push(`the session of ${String(session.name)} is read`)
    session.count = 2
  }
  if (plan.fault?.place === 'error handler') throw new Handled(id)
  if (plan.fault?.place === '500 handler') {
    throw entry.threw('view', new Error(`for the 500 handler ${id}`))
  }
  if (plan.fault?.place === 'value') return unserialisable(plan.fault.manner)
  if (plan.body === 'upload') return text(ctx.req).then(() => ({ id: g.name }))
  if (plan.body === 'document') return readDocument(ctx).then(() => ({ id: g.name }))
  if (plan.body === 'form') return readForm(entry, ctx).then(() => ({ id: g.name }))
  if (isStream(plan.body)) return bodyOf(entry)
  if (plan.body === 'text') return g.name
  return plan.body === 'made' ? makeResponse({ id: g.name }, 201, { 'X-Made': id }) : { id: g.name }
}

const readDocument = async ({ request }: Context) => (request.method === 'POST' ? request.json() : request.text())

async function readForm(entry: Entry, { request }: Context): Promise<void> {
  for (const [, { path }] of (await request.form()).files) if (path !== undefined) entry.files.push(path)
}

function tearDown(
  name: string,
  place: Place | undefined,
  error: Error | undefined,
  ctx: Context,
): void | Promise<void> {
  const entry = entryOf(ctx)
  entry.teardownErrors.push(error)
  if (entry.running > 0 && !entry.isInterrupted) entry.wrongs.push(`${name} ran before others had ended`)
  if (g.name !== undefined && g.name !== entry.id) entry.wrongs.push(`${name} has g of ${g.name}`)
  return act(entry, place ?? 'teardown', name, () => undefined, place !== undefined) as void | Promise<void>
}

function record(name: string, place: Place | undefined, outcome: Outcome, ctx: Context): void | Promise<void> {
  const entry = entryOf(ctx)
  entry.outcomes.push(outcome)
  if (place === undefined) entry.note(name)
  return place === undefined ? undefined : (act(entry, place, name, () => undefined) as void | Promise<void>)
}

@Blueprint('/inner')
class Inner {
  @BeforeRequest() before(ctx: Context) {
    return act(entryOf(ctx), 'blueprint before', 'Inner.before', () => undefined) as undefined
  }
  @Route(RULE, METHODS) view(_: object, ctx: Context) {
    return view('inner', ctx)
  }
  @ErrorHandler(500) serverError(_: Error, ctx: Context) {
    const { id } = entryOf(ctx)
    return act(entryOf(ctx), '500 handler', '500 handler', () => makeResponse({ failed: id }, 500)) as Response
  }
  @AfterRequest() after(response: Response, ctx: Context) {
    return act(entryOf(ctx), 'blueprint after', 'Inner.after', () => response) as Response
  }
  @TeardownRequest() teardown1(error: Error | undefined, ctx: Context) {
    return tearDown('Inner.teardown1', undefined, error, ctx)
  }
  @TeardownRequest() teardown2(error: Error | undefined, ctx: Context) {
    return tearDown('Inner.teardown2', undefined, error, ctx)
  }
  @AfterResponse() afterResponse(outcome: Outcome, ctx: Context) {
    return record('Inner.afterResponse', 'blueprint after response', outcome, ctx)
  }
}

@Blueprint('/outer', { blueprints: [Inner] })
class Outer {
  @BeforeRequest() before(ctx: Context) {
    const isOwn = entryOf(ctx).plan.scope === 'outer'
    return act(entryOf(ctx), 'blueprint before', 'Outer.before', () => undefined, isOwn) as undefined
  }
  @Route(RULE, METHODS) view(_: object, ctx: Context) {
    return view('outer', ctx)
  }
  @AfterRequest() after(response: Response, ctx: Context) {
    const isOwn = entryOf(ctx).plan.scope === 'outer'
    return act(entryOf(ctx), 'blueprint after', 'Outer.after', () => response, isOwn) as Response
  }
  @TeardownRequest() teardown1(error: Error | undefined, ctx: Context) {
    return tearDown('Outer.teardown1', undefined, error, ctx)
  }
  @TeardownRequest() teardown2(error: Error | undefined, ctx: Context) {
    return tearDown('Outer.teardown2', undefined, error, ctx)
  }
  @TeardownAppContext() appContext(error: Error | undefined, ctx?: Context) {
    return tearDown('Outer.appContext', undefined, error, ctx as Context)
  }
  @AfterResponse() afterResponse(outcome: Outcome, ctx: Context) {
    return record('Outer.afterResponse', undefined, outcome, ctx)
  }
}

/** Two teardown methods on each level, one or two of all else, and a fault wherever the plan has one. */
class App {
  @UrlValuePreprocessor() preprocess(_endpoint: unknown, _values: unknown, ctx: Context) {
    return act(entryOf(ctx), 'preprocessor', 'App.preprocess', () => undefined) as void | Promise<void>
  }
  @BeforeRequest() before(ctx: Context) {
    g.name = entryOf(ctx).id
    return act(entryOf(ctx), 'before', 'App.before', () => undefined) as undefined
  }
  @Route(RULE, METHODS) view(_: object, ctx: Context) {
    return view('app', ctx)
  }
  @ErrorHandler(Handled) handle(error: Handled, ctx: Context) {
    return act(entryOf(ctx), 'error handler', 'error handler', () => makeResponse(error.message, 409)) as Response
  }
  @AfterRequest() after(response: Response, ctx: Context) {
    if (g.name !== undefined) response.set('X-Id', g.name)
    return act(entryOf(ctx), 'after', 'App.after', () => response) as Response
  }
  @TeardownRequest() teardown1(error: Error | undefined, ctx: Context) {
    return tearDown('App.teardown1', 'last teardown', error, ctx)
  }
  @TeardownRequest() teardown2(error: Error | undefined, ctx: Context) {
    return tearDown('App.teardown2', 'teardown', error, ctx)
  }
  @TeardownAppContext() appContext(error: Error | undefined, ctx?: Context) {
    return tearDown('App.appContext', 'app context', error, ctx as Context)
  }
  @AfterResponse() afterResponse1(outcome: Outcome, ctx: Context) {
    return record('App.afterResponse1', undefined, outcome, ctx)
  }
  @AfterResponse() afterResponse2(outcome: Outcome, ctx: Context) {
    return record('App.afterResponse2', 'after response', outcome, ctx)
  }
}

/** @param onShutdown what its last method does */
export function applicationFor(ledger: Ledger, requestTimeout: number, onShutdown: () => void = () => undefined): Koa {
  class Closing extends App {
    @OnShutdown() shutDown() {
      onShutdown()
    }
  }
  /** The id in the URL: a converter is given no `ctx`. */
  const fussy = {
    regex: '[^/]+',
    convert: (id: string) =>
      act(ledger.entries.get(id) as Entry, 'converter', 'converter', () => id, true, 'sync') as string,
    toUrl: (id: string) => id,
  }
  return bootstrap(Closing, {
    blueprints: [Outer],
    converters: { fussy },
    session: { signed: false, store },
    requestTimeout,
    logger: false,
  })
}
