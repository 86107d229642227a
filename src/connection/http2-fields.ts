import type { OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http'
import { belongsToConnection } from './foreign-fields'

/**
 * A copy of the header fields of an HTTP/2 response, as long as they are simple. Each request reads them several times, for
 * which Node makes a list or an object of its own each time (6 %).
 */
export class Http2Fields {
  /** Names in lower case and values in turn. Entries are only added: for other changes there is a new list. */
  private entries: OutgoingHttpHeader[] | undefined = []

  /** Notes a field that Node has accepted. */
  noteSet(name: string, value: unknown): void {
    const { entries } = this
    if (entries === undefined) return
    const key = simpleKey(name)
    if (key === undefined || (typeof value !== 'string' && typeof value !== 'number')) return this.giveUp()
    const index = indexOf(key, entries)
    if (index === entries.length) entries.push(key, value)
    else {
      this.entries = [...entries]
      this.entries[index + 1] = value
    }
  }

  noteRemoved(name: string): void {
    const { entries } = this
    if (entries === undefined) return
    const key = simpleKey(name)
    if (key === undefined) return this.giveUp() // Node removes spaces around a name.
    const index = indexOf(key, entries)
    if (index < entries.length) this.entries = [...entries.slice(0, index), ...entries.slice(index + 2)]
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
    const { entries } = this
    if (entries === undefined) return undefined
    const headers = Object.create(null) as OutgoingHttpHeaders
    for (let index = 0; index < entries.length; index += 2) headers[entries[index] as string] = entries[index + 1]
    return headers
  }
}

/** Where a name is in a list of names and values in turn: its length if it is not there. */
function indexOf(key: string, entries: readonly OutgoingHttpHeader[]): number {
  let index = 0
  while (index < entries.length && entries[index] !== key) index += 2
  return index
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
