// Chromium without a window, driven over a pipe by the DevTools protocol: one JSON text a message, with a NUL behind it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** How long a page may take, in milliseconds: for one that hangs. */
const LIMIT = 60_000

/** Starts Chromium, calls `use` with one page, and ends it. */
export async function inChromium(directory, use) {
  const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--remote-debugging-pipe']
  const profile = `--user-data-dir=${join(directory, 'chromium')}`
  const child = spawn('chromium', [...args, profile, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'exit')
  try {
    const protocol = new Protocol(child)
    const { targetId } = await protocol.send('Target.createTarget', { url: 'about:blank' })
    const { sessionId } = await protocol.send('Target.attachToTarget', { targetId, flatten: true })
    return await use(new Page(protocol, sessionId))
  } finally {
    child.kill('SIGKILL')
    await ended
  }
}

class Protocol {
  listeners = []
  #child
  #last = 0
  #waiting = new Map()
  #rest = ''

  constructor(child) {
    this.#child = child
    child.stdio[4].setEncoding('utf8').on('data', text => {
      const messages = (this.#rest + text).split('\0')
      this.#rest = messages.pop()
      for (const message of messages) this.#receive(JSON.parse(message))
    })
  }

  send(method, params = {}, sessionId = undefined) {
    const id = ++this.#last
    this.#child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`)
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject, method }))
  }

  #receive({ id, result, error, method, params }) {
    if (id === undefined) return this.listeners.forEach(listener => listener(method, params))
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error === undefined) waiting.resolve(result)
    else waiting.reject(new Error(`${waiting.method}: ${error.message}`))
  }
}

class Page {
  /** The URLs that the page has asked for. */
  requests = []
  /** What the page's policy has refused, and other errors of the console. */
  errors = []
  #protocol
  #session

  constructor(protocol, session) {
    this.#protocol = protocol
    this.#session = session
    protocol.listeners.push((method, params) => {
      if (method === 'Network.requestWillBeSent') this.requests.push(params.request.url)
      if (method === 'Log.entryAdded' && params.entry.level === 'error') this.errors.push(params.entry.text)
      if (method === 'Runtime.exceptionThrown') this.errors.push(params.exceptionDetails.exception?.description)
    })
  }

  async open(url) {
    for (const domain of ['Page', 'Network', 'Log', 'Runtime']) await this.#send(`${domain}.enable`)
    await this.#send('Page.navigate', { url })
  }

  /** The value of an expression in the page. */
  async evaluate(expression) {
    const { result, exceptionDetails } = await this.#send('Runtime.evaluate', { expression, returnByValue: true })
    if (exceptionDetails !== undefined) throw new Error(`${expression}: ${exceptionDetails.exception?.description}`)
    return result.value
  }

  /** Shows the page as on a screen of this width, in pixels, with the colours that the user prefers: `light` or `dark`. */
  async view(width, scheme) {
    const screen = { width, height: 900, deviceScaleFactor: 1, mobile: false }
    await this.#send('Emulation.setDeviceMetricsOverride', screen)
    await this.#send('Emulation.setScrollbarsHidden', { hidden: true })
    const features = [{ name: 'prefers-color-scheme', value: scheme }]
    await this.#send('Emulation.setEmulatedMedia', { features })
  }

  /** The whole page as a PNG, at most `height` pixels of it. */
  async picture(height = Infinity) {
    const { cssContentSize: size } = await this.#send('Page.getLayoutMetrics')
    const clip = { x: 0, y: 0, width: size.width, height: Math.min(size.height, height), scale: 1 }
    const { data } = await this.#send('Page.captureScreenshot', { clip, captureBeyondViewport: true })
    return Buffer.from(data, 'base64')
  }

  /** Waits until an expression is true. */
  async until(expression) {
    for (let waited = 0; waited < LIMIT; waited += 50) {
      if (await this.evaluate(`Boolean(${expression})`)) return
      await sleep(50)
    }
    throw new Error(`never: ${expression}\n${this.errors.join('\n')}`)
  }

  #send(method, params) {
    return this.#protocol.send(method, params, this.#session)
  }
}
