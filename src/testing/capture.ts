import { AsyncLocalStorage } from 'node:async_hooks'
import { Console } from 'node:console'

/** What code has printed. */
export class Output {
  stdout = ''
  stderr = ''
  /** Both, in the order in which they were printed. */
  all = ''

  add(stream: 'stdout' | 'stderr', text: string): void {
    this[stream] += text
    this.all += text
  }
}

/** The output of the code that runs, so that what runs beside it prints as always. */
const outputs = new AsyncLocalStorage<Output>()
let installed = 0
let uninstall!: () => void

/** Runs `fn`, and keeps what it prints, by the console and by the streams of the process. */
export async function captured<T>(output: Output, fn: () => Promise<T>): Promise<T> {
  if (installed++ === 0) uninstall = install()
  try {
    return await outputs.run(output, fn)
  } finally {
    if (--installed === 0) uninstall()
  }
}

function install(): () => void {
  const restore = [patchStream('stdout'), patchStream('stderr'), patchConsole()]
  return () => {
    for (const each of restore) each()
  }
}

function patchStream(name: 'stdout' | 'stderr'): () => void {
  const stream = process[name]
  const { write } = stream // eslint-disable-line @typescript-eslint/unbound-method -- called with the stream
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
    const output = outputs.getStore()
    if (output === undefined) return write.call(stream, chunk, ...(rest as []))
    output.add(name, typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString())
    const done = rest.at(-1)
    if (typeof done === 'function') process.nextTick(done)
    return true
  }
  return () => {
    stream.write = write
  }
}

/** A test runner's console does not print to the streams of the process. */
function patchConsole(): () => void {
  const { console: original } = globalThis
  const own = new Console({ stdout: process.stdout, stderr: process.stderr, colorMode: false })
  globalThis.console = new Proxy(original, {
    get: (target, name) => Reflect.get(outputs.getStore() === undefined ? target : own, name) as unknown,
  })
  return () => {
    globalThis.console = original
  }
}
