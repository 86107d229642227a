import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { patience } from '../support/pace'
import { until } from '../support/until'
import { project, removeProjects, root } from './support'

jest.setTimeout(patience(30_000))

const children: ChildProcess[] = []
afterAll(async () => {
  for (const child of children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)) {
    child.kill()
    await once(child, 'close')
  }
  removeProjects()
})

/** An application in two files, of which the tests write the second. */
const files = (type: 'module' | 'commonjs', more: Record<string, string> = {}) => ({
  'package.json': `{ "type": "${type}" }`,
  'tsconfig.json': '{ "compilerOptions": { "module": "Node16", "target": "ES2022" } }',
  'src/app.ts': `import * as exported from 'flaskoa'
import { greeting } from './greeting.js'
// In an ES module, Node finds no names in flaskoa's source.
const { Get, bootstrap, OnShutdown } = 'default' in exported ? exported.default as typeof exported : exported
class App {
  @Get('/') index() { return greeting as string }
  @Get('/stream') stream(ctx: exported.Context) {
    ctx.type = 'text/event-stream'
    return (async function* () { for (;;) { yield 'data: x\\n\\n'; await new Promise(resolve => setTimeout(resolve, 50)) } })()
  }
  @OnShutdown() close() { console.log('closed') }
}
export const app = bootstrap(App, { logger: false })
`,
  'src/greeting.ts': `export const greeting: string = 'one'\n`,
  ...more,
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** Starts `flaskoa dev` in a process of its own, in a project where flaskoa and tsx are installed. */
async function start(cwd: string, ...args: string[]) {
  symlinkSync(join(root, 'node_modules'), join(cwd, 'node_modules'))
  const port = await freePort()
  const child = spawn(
    process.execPath,
    ['--import', pathToFileURL(require.resolve('tsx')).href, join(__dirname, 'from-source.ts'), 'dev', ...args],
    {
      cwd,
      env: { ...process.env, TSX_TSCONFIG_PATH: join(root, 'tsconfig.json'), PORT: String(port), HOST: '127.0.0.1' },
    },
  )
  children.push(child)
  const printed = { text: '' }
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (printed.text += text))
  const url = `http://127.0.0.1:${port}`
  const answers = (text: string) => {
    return until(`the answer is ${text}`, async () => {
      try {
        return (await (await fetch(url, { headers: { connection: 'close' } })).text()) === text
      } catch {
        return false
      }
    })
  }
  const end = async () => {
    child.kill('SIGTERM')
    const [code] = (await once(child, 'close')) as [number]
    return code
  }
  return { child, printed, url, answers, end }
}

test.each(['module', 'commonjs'] as const)(
  'a change starts the application again, with open streams and after a syntax error (%s)',
  async type => {
    const cwd = project(files(type))
    const greeting = join(cwd, 'src/greeting.ts')
    const { printed, url, answers, end } = await start(cwd)
    await answers('one')
    const stream = await fetch(`${url}/stream`)
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader()
    expect((await reader.read()).done).toBe(false)
    writeFileSync(greeting, `export const greeting: string = 'two'\n`)
    await answers('two')
    writeFileSync(greeting, `export const greeting: string = 'three\n`)
    await until('it waits', () => printed.text.includes('It starts again when a file changes.'))
    expect(printed.text).toContain('greeting.ts')
    writeFileSync(greeting, `export const greeting: string = 'four'\n`)
    await answers('four')
    expect(await end()).toBe(0)
    expect(printed.text.match(/^closed$/gm)).toHaveLength(3)
    expect(printed.text).not.toContain('\x1b')
  },
)

test.each(['module', 'commonjs'] as const)(
  'a program of its own is run, and its terminal is its own (%s)',
  async type => {
    const isMain = type === 'module' ? 'true' : 'require.main === module'
    const cwd = project(
      files(type, {
        'src/server.ts': `import { app } from './app.js'
if (${isMain}) app.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('program', process.argv.length))
process.stdin.on('data', data => console.log('read', String(data).trim()))
`,
      }),
    )
    const { child, printed, answers, end } = await start(cwd, 'src/server.ts')
    await answers('one')
    child.stdin?.write('a line\n')
    await until('the line is read', () => printed.text.includes('read a line'))
    writeFileSync(join(cwd, 'src/greeting.ts'), `export const greeting: string = 'two'\n`)
    await answers('two')
    expect(await end()).toBe(0)
    expect(printed.text).toContain('program 2')
  },
)
