/** One event, as a browser's EventSource gives it. */
export interface TestEvent {
  /** Its name; `message` if it has none. */
  readonly event: string
  readonly data: string
  /** The id of the last event that had one, which a browser sends as `Last-Event-ID` when it connects again. */
  readonly id: string
}

/** Reads events from a stream's text, which comes in chunks of any length. */
export class EventParser {
  /** What the server has asked for, in milliseconds. */
  retry: number | undefined
  #rest = ''
  #id = ''
  #event = ''
  #data: string[] = []

  /** The events that end in this chunk. The stream has `\n` alone at the ends of lines, as `eventStream` writes it. */
  read(chunk: string): TestEvent[] {
    const lines = (this.#rest + chunk).split('\n')
    this.#rest = lines.pop() as string
    return lines.flatMap(line => (line === '' ? this.#end() : this.#readField(line)))
  }

  /** A line without a name before the colon is a comment. */
  #readField(line: string): [] {
    const [, name, value] = /^([^:]*)(?:: ?)?(.*)$/.exec(line) as unknown as [string, string, string]
    if (name === 'data') this.#data.push(value)
    else if (name === 'event') this.#event = value
    else if (name === 'id') this.#id = value
    else if (name === 'retry') this.retry = Number(value)
    return []
  }

  #end(): TestEvent[] {
    const [event, data] = [this.#event || 'message', this.#data]
    this.#event = ''
    this.#data = []
    return data.length === 0 ? [] : [{ event, data: data.join('\n'), id: this.#id }]
  }
}
