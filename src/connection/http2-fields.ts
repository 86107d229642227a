import type { OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http'
import { belongsToConnection } from './foreign-fields'

/**
 * A copy of the header fields of an HTTP/2 response, as long as they are simple. Each request reads them several times, for
 * which Node makes a list or an object of its own each time (6 %).
 */
export class Http2Fields {
  /** Names in lower case and values in turn. Entries are only added: for other changes there is a new list. */
  private entries: OutgoingHttpHeader[] | undefined = []
  /** The names in the same order. */
  private keys: string[] = []

  /** Notes a field that Node has accepted. */
  noteSet(name: string, value: unknown): void {
    const { entries, keys } = this
    if (entries === undefined) return
    const key = simpleKey(name)
    if (key === undefined || (typeof value !== 'string' && typeof value !== 'number')) return this.giveUp()
    const index = keys.indexOf(key)
    if (index === -1) {
      keys.push(key)
      entries.push(key, value)
    } else {
      this.entries = [...entries]
      this.entries[2 * index + 1] = value
    }
  }

  noteRemoved(name: string): void {
    const { entries, keys } = this
    if (entries === undefined) return
    const key = simpleKey(name)
    if (key === undefined) return this.giveUp() // Node removes spaces around a name
    const index = keys.indexOf(key)
    if (index === -1) return
    this.entries = entries.filter((_, each) => each >> 1 !== index)
    keys.splice(index, 1)
  }

  /** From here on Node alone knows the fields. */
  giveUp(): void {
    this.entries = undefined
  }

  /** Names and values in turn. Later changes may add further ones, and leave those that are there as they are now. */
  snapshot(): readonly OutgoingHttpHeader[] | undefined {
    return this.entries
  }

  /** A new object for Node. */
  byName(): OutgoingHttpHeaders | undefined {
    const { entries, keys } = this
    if (entries === undefined) return undefined
    const headers = Object.create(null) as OutgoingHttpHeaders
    for (let index = 0; index < keys.length; index++) headers[keys[index] as string] = entries[2 * index + 1]
    return headers
  }
}

/** By the name as it is written: in lower case, or `undefined` if Node or this connection treats the field in its own way. */
const simpleKeys = new Map<string, string | undefined>()

/** A name may come from a client: the table must not grow with every new one. */
const MOST_NAMES = 500

function simpleKey(name: string): string | undefined {
  const known = simpleKeys.get(name)
  if (known !== undefined || simpleKeys.has(name)) return known
  const key = name.toLowerCase()
  const isSimple = /^[a-z][\w-]*$/.test(key) && key !== 'date' && !belongsToConnection(key)
  const made = isSimple ? key : undefined
  if (simpleKeys.size < MOST_NAMES) simpleKeys.set(name, made)
  return made
}
