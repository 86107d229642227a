import { existsSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { lifecycleLock } from '../inspect/lifecycle-lock'
import { lockDiff, type DiffLine } from '../inspect/lock-diff'
import type { Call, Command } from './command'
import { Failure } from './failures'
import { writeText } from './write-text'

const NAME = 'lifecycle.lock'

export const lock: Command = {
  name: 'lock',
  args: '',
  summary: 'writes what runs for each route to lifecycle.lock, or compares it',
  help:
    'Writes each route with its ordered hooks, guards and error handlers to a text file. Commit it: a guard that is gone, or that\n' +
    'runs in another place, is then a line in a diff. With --check, exit code 1 if the file no longer fits the application.',
  options: {
    check: { type: 'boolean', help: 'compare the file instead of writing it' },
    out: { type: 'string', value: 'FILE', help: `the file. Default: ${NAME} beside package.json` },
  },
  examples: [
    ['flaskoa lock', 'writes lifecycle.lock'],
    ['flaskoa lock --check', 'in CI'],
  ],
  async run(call) {
    const { io, values } = call
    const { app, project } = await call.load()
    const file = typeof values.out === 'string' ? resolve(io.cwd, values.out) : join(project, NAME)
    const shown = relative(io.cwd, file)
    const text = lifecycleLock(app)
    if (values.check === true) return check(text, file, shown, call)
    writeText(file, text, shown)
    io.stdout.write(`${shown} is written.\n`)
    return 0
  },
}

function check(text: string, file: string, shown: string, { io, colours }: Call): number {
  if (!existsSync(file)) throw new Failure(`${shown} does not exist: run flaskoa lock`)
  const changes = lockDiff(readFileSync(file, 'utf8'), text)
  if (changes.length === 0) {
    io.stdout.write(`${shown} is up to date.\n`)
    return 0
  }
  const paint = { '-': colours.red, '+': colours.green, ' ': colours.bold }
  const lines = changes.map(({ sign, text: line }: DiffLine) => paint[sign](`${sign} ${line}`))
  io.stdout.write(`${lines.join('\n')}\n`)
  throw new Failure(
    `${shown} does not fit the application. If the change is meant, run flaskoa lock and commit the file.`,
  )
}
