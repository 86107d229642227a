import { checkOptions, type OptionKind } from '../errors/check-options'
import { SetupError } from '../errors/setup-error'
import { isDelay, LONGEST_DELAY_MS } from '../util/longest-delay'

/** The options of `webSockets`: those of all web sockets of the application. */
export interface WebSocketsOptions {
  /**
   * The origins of other sites whose pages may connect, for instance `https://app.example`, or `'*'` for all. Default: none. Pages
   * of the same host may connect always, and clients that are no browsers, which send no `Origin`.
   */
  origins?: readonly string[] | '*'
  /** The longest message that a client may send, in bytes. A longer one closes the connection, with the code 1009. Default 1 MiB. */
  maxMessageSize?: number
  /**
   * How often each client is pinged, in milliseconds. One that has not answered by the next ping is disconnected. 0: never.
   * Default 30,000.
   */
  pingInterval?: number
  /**
   * How long a client may take to answer when the connection is closed, and then the handler to end, in milliseconds, before
   * teardown runs. Default 5,000.
   */
  closeTimeout?: number
}

/** The options of `webSocket`. What is left out is as in `webSockets`. */
export interface WebSocketOptions extends WebSocketsOptions {
  /**
   * The subprotocols that the view speaks, the best first. The first one that the client offers is chosen. A client that offers
   * others only is refused with a 400.
   */
  protocols?: readonly string[]
}

/** The options of one web socket. */
export type Settings = Readonly<Required<WebSocketsOptions>> & Readonly<Pick<WebSocketOptions, 'protocols'>>

const MIB = 2 ** 20
/** Also more than any message needs, in bytes. */
const LARGEST = LONGEST_DELAY_MS

const DEFAULTS: Readonly<Required<WebSocketsOptions>> = {
  origins: [],
  maxMessageSize: MIB,
  pingInterval: 30_000,
  closeTimeout: 5000,
}

const numberFrom = (from: number, unit: string): OptionKind => ({
  expected: `a whole number of ${unit} from ${from} to ${LARGEST}`,
  fits: value => isDelay(value, from),
})

/** As a browser sends it: in lower case, without a path, and without the port that its scheme has anyway. `null` is a page without one. */
const isOrigin = (value: unknown): boolean =>
  value === 'null' || (typeof value === 'string' && URL.canParse(value) && new URL(value).origin === value)

/** A token of HTTP. */
export const PROTOCOL = /^[\w!#$%&'*+.^`|~-]+$/

const KINDS: Readonly<Record<keyof WebSocketsOptions, OptionKind>> = {
  origins: {
    expected: "a list of origins like 'https://app.example', without a path, or '*'",
    fits: value => value === '*' || (Array.isArray(value) && value.every(isOrigin)),
  },
  maxMessageSize: numberFrom(1, 'bytes'),
  pingInterval: numberFrom(0, 'milliseconds'),
  closeTimeout: numberFrom(1, 'milliseconds'),
}
const KINDS_OF_VIEW: Readonly<Record<keyof WebSocketOptions, OptionKind>> = {
  ...KINDS,
  protocols: {
    expected: "a list of the names of subprotocols, like ['chat']",
    fits: value => Array.isArray(value) && value.every(each => typeof each === 'string' && PROTOCOL.test(each)),
  },
}

/** @throws SetupError for an option that does not exist or is of the wrong type */
export function checkApplicationOptions(options: WebSocketsOptions): WebSocketsOptions {
  try {
    return checkOptions(options, KINDS, 'webSockets')
  } catch (error) {
    throw new SetupError('BAD_OPTION', `${(error as Error).message}.`)
  }
}

/** @throws TypeError for the same */
export const checkViewOptions = (options: WebSocketOptions): WebSocketOptions =>
  checkOptions(options, KINDS_OF_VIEW, 'webSocket(handler, options)')

/** Of several places that name an option, the last counts. An option that is `undefined` was left out. */
export function resolveOptions(...given: readonly WebSocketOptions[]): Settings {
  const known = given.map(each => Object.fromEntries(Object.entries(each).filter(([, value]) => value !== undefined)))
  return Object.assign({}, DEFAULTS, ...known) as Settings
}
