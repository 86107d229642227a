import { toJsonSchema } from '@valibot/to-json-schema'
import {
  Blueprint,
  bootstrap,
  Get,
  makeResponse,
  Post,
  type Application,
  type Class,
  type Context,
  type Schema,
} from 'flaskoa'

/** The schemas of one library in its own way. */
export interface Library {
  readonly Query: Schema
  readonly NewUser: Schema
  readonly User: Schema
  readonly Shape: Schema
  readonly Tree: Schema
  readonly Loose: Schema
  readonly Scores: Schema
  readonly Pair: Schema
  readonly Text: Schema
}

// `any`: the arguments differ between the dialects, and what these views return is not always what their declaration allows.
type AnyView = (...args: any[]) => void

/** A route whose view is not checked by the compiler: its values are those of the table. */
const get = (rule: string, options: object) => Get(rule as '/', options) as unknown as AnyView
const post = (rule: string, options: object) => Post(rule as '/', options) as unknown as AnyView

/** What views return by the name in the URL. Nothing that is called `secret` may be sent. */
const secret = 'secret'
const circle = { kind: 'circle', radius: 1, side: secret }
const square = { kind: 'square', side: 2, radius: 1, secret }
const leaf = { name: 'leaf', children: [], secret }
const user = { id: 7, name: 'Ada', owner: { id: 8, secret }, born: new Date(0), secret }
const VALUES: Readonly<Record<string, unknown>> = {
  user,
  ownerless: { ...user, owner: null },
  circle,
  square,
  leaf,
  tree: { name: 'root', children: [leaf, { name: 'node', children: [leaf], secret }], secret },
  loose: { id: 1, more: { any: 'thing' } },
  scores: { ada: { points: 3, secret }, bob: { points: 4 } },
  pair: ['a', { id: 1, secret }],
  text: 'plain',
  wrong: { ...user, name: 5 },
}

function blueprintOf(name: string, { Query, NewUser, User, Shape, Tree, Loose, Scores, Pair, Text }: Library): Class {
  @Blueprint(`/${name}`, { name })
  class Routes {
    @get('/query', { query: Query }) query({ query }: { query: unknown }) {
      return { query }
    }
    @post('/users', { body: NewUser, response: { 201: User, 409: Text } }) create({
      body,
    }: {
      body: { name: string }
    }) {
      return body.name === 'taken' ? makeResponse('taken', 409) : { ...user, ...body }
    }
    @get('/user/<value>', { response: User }) user({ value }: { value: string }) {
      return VALUES[value]
    }
    @get('/made/<value>', { response: { 203: User } }) made({ value }: { value: string }) {
      return makeResponse(VALUES[value] as object, 203)
    }
    @get('/written/<value>', { response: { 203: User } }) written({ value }: { value: string }, ctx: Context) {
      ctx.body = VALUES[value]
    }
    @get('/shape/<value>', { response: Shape }) shape({ value }: { value: string }) {
      return VALUES[value]
    }
    @get('/tree/<value>', { response: Tree }) tree({ value }: { value: string }) {
      return VALUES[value]
    }
    @get('/loose', { response: Loose }) loose() {
      return VALUES.loose
    }
    @get('/scores', { response: Scores }) scores() {
      return VALUES.scores
    }
    @get('/pair', { response: Pair }) pair() {
      return VALUES.pair
    }
    @get('/text/<value>', { response: Text }) text({ value }: { value: string }) {
      return VALUES[value]
    }
  }
  return Routes
}

class AppController {}

/** One application with the same routes for each library, under the library's name. */
export function createApp(libraries: Readonly<Record<string, Library>>): Application {
  const blueprints = Object.entries(libraries).map(([name, library]) => blueprintOf(name, library))
  return bootstrap(AppController, { blueprints, toJsonSchema, logger: false })
}
