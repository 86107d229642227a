import { Session, type Runtime } from 'node:inspector'
import { relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadMap, sourceFile, type LoadedMap } from '../inspect/source-map'
import { originalOf } from '../util/original'
import { isOwnFile } from './failures'

/** A line of a source file, counted from 1. */
export interface Place {
  readonly file: string
  readonly line: number
}

/** Node's own list of loaded scripts has their source maps as well, whatever made them. A script without a map has the URL ''. */
interface Script {
  readonly url: string
  readonly sourceMapURL: string
}

interface Location {
  readonly scriptId: string
  readonly lineNumber: number
  readonly columnNumber: number
}

/**
 * The property of the class `Session` by which the inspector gets a function: all contexts of a process have the same class, and
 * none of the application's globals changes.
 */
const HANDED_OVER = 'flaskoaLocated'
const EXPRESSION = `process.getBuiltinModule('node:inspector').Session.${HANDED_OVER}`

/** Finds where functions are written. For commands only: it connects to Node's inspector. */
export class Locator {
  readonly #session = new Session()
  readonly #scripts = new Map<string, Script>()
  readonly #maps = new Map<string, LoadedMap | undefined>()

  constructor() {
    this.#session.connect()
    this.#session.on('Debugger.scriptParsed', ({ params }) => this.#scripts.set(params.scriptId, params as Script))
    this.#session.post('Debugger.enable')
  }

  close(): void {
    this.#session.disconnect()
  }

  /** `src/users.ts:12`, from a folder; `flaskoa` for a method of flaskoa's own; `undefined` for one without a file. */
  describe(fn: (...args: never[]) => unknown, from: string): string | undefined {
    const place = this.locate(fn)
    if (place === undefined) return undefined
    if (isOwnFile(place.file)) return 'flaskoa'
    return `${relative(from, place.file).split(sep).join('/')}:${place.line}`
  }

  /** The place of a function, or of the function that it binds or stands for. */
  locate(fn: (...args: never[]) => unknown): Place | undefined {
    const location = this.#locationOf(originalOf(fn))
    const script = location && this.#scripts.get(location.scriptId)
    // Node makes URLs of the paths of files; its own modules are called node:…
    if (location === undefined || script?.url.startsWith('file:') !== true) return undefined
    return this.#sourceOf(script, location) ?? { file: fileURLToPath(script.url), line: location.lineNumber + 1 }
  }

  #locationOf(fn: unknown): Location | undefined {
    const holder = Session as unknown as Record<string, unknown>
    holder[HANDED_OVER] = fn
    try {
      const { result } = this.#post('Runtime.evaluate', { expression: EXPRESSION }) as Runtime.EvaluateReturnType
      return this.#followed(result.objectId)
    } finally {
      delete holder[HANDED_OVER]
    }
  }

  /** Through `bind`, and through proxies. */
  #followed(objectId: string | undefined): Location | undefined {
    if (objectId === undefined) return undefined
    const found = this.#post('Runtime.getProperties', {
      objectId,
      ownProperties: true,
    }) as Runtime.GetPropertiesReturnType
    const internal = (name: string) => found.internalProperties?.find(property => property.name === name)?.value
    const location = internal('[[FunctionLocation]]')?.value as Location | undefined
    return location ?? this.#followed((internal('[[TargetFunction]]') ?? internal('[[Target]]'))?.objectId)
  }

  /** The inspector answers a session of its own process at once. */
  #post(method: string, params: object): unknown {
    let answer: unknown
    this.#session.post(method, params, (_, result) => (answer = result))
    return answer
  }

  /** The place in the source that a script was compiled from. */
  #sourceOf({ url, sourceMapURL }: Script, { lineNumber, columnNumber }: Location): Place | undefined {
    if (sourceMapURL === '') return undefined
    if (!this.#maps.has(url)) this.#maps.set(url, loadMap(url, sourceMapURL))
    const loaded = this.#maps.get(url)
    const entry = loaded?.map.findEntry(lineNumber, columnNumber)
    if (loaded === undefined || entry === undefined || !('originalSource' in entry)) return undefined
    const file = sourceFile(entry.originalSource, loaded)
    return file === undefined ? undefined : { file, line: entry.originalLine + 1 }
  }
}
