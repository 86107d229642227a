import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { Program, Run } from './program'

const PYTHON = process.env.PYTHON ?? '/usr/bin/python3'

export interface Answer extends Run {
  /** How often each declared difference was applied, by its rule. */
  readonly applied: Readonly<Record<string, number>>
}

/** Flask's version, `undefined` when it is not installed. */
export function flaskVersion(): string | undefined {
  const found = spawnSync(PYTHON, ['-c', 'import importlib.metadata as m; print(m.version("flask"))'])
  return found.status === 0 ? found.stdout.toString().trim() : undefined
}

/** Real Flask in a process of its own: programs go in and what they did comes out, in order. */
export class Oracle {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>
  readonly #waiting: { resolve(answer: Answer): void; reject(error: Error): void }[] = []

  #ended: Error | undefined

  constructor(private readonly rules: readonly string[]) {
    const script = join(__dirname, 'flask_oracle.py')
    this.#process = spawn(PYTHON, ['-u', '-X', 'faulthandler', script], { stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface({ input: this.#process.stdout }).on('line', line => {
      this.#waiting.shift()?.resolve(JSON.parse(line) as Answer)
    })
    this.#process.on('exit', code => {
      this.#ended = new Error(`the Python process ended with ${String(code)}`)
      for (const { reject } of this.#waiting) reject(this.#ended)
    })
  }

  run(program: Program): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended)
        return
      }
      this.#waiting.push({ resolve, reject })
      this.#process.stdin.write(`${JSON.stringify({ program, rules: this.rules })}\n`)
    })
  }

  close(): void {
    this.#process.stdin.end()
  }
}
