import { dirname, relative } from 'node:path'
import type Koa from 'koa'
import { describe } from '../errors/describe'
import { didYouMean } from '../errors/did-you-mean'
import { setEntryModule } from '../plan/entry-folder'
import { hasForeignLifecycle, runtimeOf } from '../request/runtime'
import { isRecord } from '../util/is-record'
import { orDrained } from './drained'
import type { Io } from './io'
import { ApplicationError, Failure } from './failures'
import { findApp, projectOf, type AppPlace } from './find-app'
import { loadModule } from './load-module'

export interface LoadedApp {
  readonly app: Koa
  /** The folder of its package.json. */
  readonly project: string
}

type Exports = Readonly<Record<string, unknown>>

const NAMES = ['app', 'application', 'default']
const FACTORIES = ['createApp', 'makeApp', 'default']

/**
 * Loads the application that the options or the convention name.
 *
 * @throws Failure if there is none, ApplicationError with what its own code threw
 */
export async function loadApp(given: string | undefined, io: Io): Promise<LoadedApp> {
  const place = findApp(given, io)
  const shown = relative(io.cwd, place.file)
  setEntryModule(place.file)
  const app = await orDrained(appIn(place, shown, io), `Loading ${shown}`)
  checkLifecycle(app, shown)
  return { app, project: projectOf(dirname(place.file)) }
}

async function appIn(place: AppPlace, shown: string, io: Io): Promise<Koa> {
  const exports = exportsOf(await loadModule(place.file, shown, io))
  return place.name === undefined ? foundApp(exports, shown) : namedApp(exports, place.name, place, shown)
}

/** The exports by name. What Node imports of CommonJS has them in `default` as well, where its own list may have gaps. */
function exportsOf(module: unknown): Exports {
  if (!isRecord(module) || isKoa(module)) return { default: module }
  const { default: whole } = module
  if (!isRecord(whole) || isKoa(whole)) return module
  return { ...module, ...exportsOf(whole) }
}

/** An application among the exports as Flask finds it: by name, the only one, or by a factory. */
async function foundApp(exports: Exports, shown: string): Promise<Koa> {
  for (const name of NAMES) {
    const value = await awaited(exports[name], name, shown)
    if (isKoa(value)) return value
  }
  const others = new Map(Object.entries(exports).flatMap(([name, value]) => (isKoa(value) ? [[value, name]] : [])))
  const [first, second] = others
  if (first !== undefined && second === undefined) return first[0]
  if (first !== undefined) {
    const names = [...others.values()].join(', ')
    throw new Failure(`${shown} exports several applications: ${names}. Choose one: --app ${shown}:${first[1]}`)
  }
  const factory = FACTORIES.find(name => typeof exports[name] === 'function')
  if (factory !== undefined) return made(exports[factory], factory, [], shown)
  const names = Object.keys(exports)
  throw new Failure(
    `${shown} exports no application: no app, application or default, and no function createApp or makeApp. ` +
      `${exportedText(names)} Name one: --app ${shown}:NAME.`,
  )
}

const exportedText = (names: readonly string[]) =>
  names.length === 0 ? 'It exports nothing.' : `It exports ${names.join(', ')}.`

async function namedApp(exports: Exports, name: string, { args, from }: AppPlace, shown: string): Promise<Koa> {
  if (!Object.hasOwn(exports, name)) {
    const names = Object.keys(exports)
    const hint = names.length === 0 ? '' : didYouMean(name, names)
    throw new Failure(`${from}: ${shown} exports no ${name}. ${exportedText(names)}${hint}`)
  }
  const value = await awaited(exports[name], name, shown)
  if (isKoa(value) && args === undefined) return value
  if (typeof value === 'function') return made(value, name, args ?? [], shown)
  throw new Failure(
    `${from}: ${name} of ${shown} is no application and no function that makes one, but ${describe(value)}.`,
  )
}

/** What a factory makes. */
async function made(factory: unknown, name: string, args: readonly unknown[], shown: string): Promise<Koa> {
  let app: unknown
  try {
    app = await (factory as (...args: unknown[]) => unknown)(...args)
  } catch (error) {
    throw new ApplicationError(`${name}() of ${shown} failed:`, error)
  }
  if (isKoa(app)) return app
  throw new Failure(`${name}() of ${shown} must return an application, not ${describe(app)}.`)
}

async function awaited(value: unknown, name: string, shown: string): Promise<unknown> {
  try {
    return await value
  } catch (error) {
    throw new ApplicationError(`${name} of ${shown} failed:`, error)
  }
}

/** By what it has, because a project may have several copies of Koa. */
function isKoa(value: unknown): value is Koa {
  if (!isRecord(value)) return false
  const { middleware, callback } = value
  return Array.isArray(middleware) && typeof callback === 'function'
}

function checkLifecycle(app: Koa, shown: string): void {
  if (runtimeOf(app) !== undefined) return
  throw new Failure(
    hasForeignLifecycle(app)
      ? `The application in ${shown} was made by another copy of flaskoa than that of this command. Run the one that the ` +
          'project has installed: npx flaskoa.'
      : `The application in ${shown} is a Koa application without a lifecycle: make it by bootstrap(...), or use ` +
          'lifecycle(...) in it. If it mounts another application, name that one.',
  )
}
