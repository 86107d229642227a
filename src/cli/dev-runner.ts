import type { ChildProcess } from 'node:child_process'
import type { LoadedFiles } from './dev-child'
import { KILL_AFTER_MS } from './dev-kill'
import { FileWatcher } from './file-watcher'

export interface DevSetup {
  /** Starts the process of the application. */
  readonly start: () => ChildProcess
  /** The folder of the project, absolute: any change in it starts an application that could not start. */
  readonly folder: string
  readonly log: (line: string) => void
}

/** Runs an application in a process of its own, and starts it again when one of its files changes. */
export class DevRunner {
  /** The exit code, once `stop` has ended the application. */
  readonly ended: Promise<number>
  readonly #setup: DevSetup
  readonly #watcher: FileWatcher
  /** The files that any of the processes has loaded: one with a syntax error is not loaded. */
  readonly #loaded = new Set<string>()
  #resolve!: (code: number) => void
  #child: ChildProcess | undefined
  #isStopping = false
  #isReloading = false

  constructor(setup: DevSetup) {
    this.#setup = setup
    this.#watcher = new FileWatcher(() => this.#reload(), setup.log)
    this.ended = new Promise(resolve => (this.#resolve = resolve))
    this.#start()
  }

  /** Ends the application, and then the command. */
  stop(): void {
    this.#isStopping = true
    this.#watcher.close()
    if (this.#child === undefined) this.#resolve(0)
    else this.#endChild(this.#child)
  }

  #start(): void {
    const startedAt = Date.now()
    this.#isReloading = false
    const child = (this.#child = this.#setup.start())
    child.on('message', ({ files }: LoadedFiles) => {
      for (const file of files) this.#loaded.add(file)
      this.#watcher.add(files, startedAt)
    })
    child.once('exit', (code, signal) => {
      this.#noteExit(signal ?? `exit code ${code}`, startedAt)
    })
  }

  /** Further changes do not matter before the next start. */
  #reload(): void {
    this.#isReloading = true
    this.#watcher.forget()
    if (this.#child === undefined) this.#start()
    else this.#endChild(this.#child)
  }

  #noteExit(how: string, startedAt: number): void {
    this.#child = undefined
    if (this.#isStopping) return this.#resolve(0)
    if (this.#isReloading) return this.#start()
    // Before the files are looked at: the output may go to one of them.
    this.#setup.log(`The application ended with ${how}. It starts again when a file changes.`)
    this.#watcher.addFolder(this.#setup.folder)
    // One of these may have been repaired meanwhile. Not each file: the application may have written some.
    this.#watcher.add([...this.#loaded], startedAt)
  }

  /** Connections that stay open must not delay the next start. */
  #endChild(child: ChildProcess): void {
    child.removeAllListeners('message')
    const timer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS)
    child.once('exit', () => {
      clearTimeout(timer)
    })
    child.kill('SIGTERM')
  }
}
