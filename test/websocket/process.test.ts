import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { copyFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { project, removeProjects } from '../cli/support'
import { dialect } from '../support/dialect'
import { patience } from '../support/pace'
import { handshake, headOf, open, raw } from './support'

jest.setTimeout(patience(20_000))
const root = join(__dirname, '../..')
const children: ChildProcess[] = []
afterAll(async () => {
  for (const child of children.filter(({ exitCode }) => exitCode === null)) {
    child.kill()
    await once(child, 'close')
  }
  removeProjects()
})

/** Starts a program in a process of its own. */
function start(args: readonly string[], cwd = root) {
  const tsconfig = dialect === 'legacy' ? 'test/tsconfig.legacy.json' : 'tsconfig.json'
  const env = { ...process.env, TSX_TSCONFIG_PATH: join(root, tsconfig), HOST: '127.0.0.1', PORT: '0' }
  const child = spawn(process.execPath, ['--import', require.resolve('tsx'), ...args], { cwd, env })
  children.push(child)
  const printed = { stdout: '', stderr: '' }
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text))
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text))
  const ended = once(child, 'close').then(([status]) => ({ status: status as number | null, ...printed }))
  const prints = async (text: string, times = 1) => {
    while (printed.stdout.split(text).length <= times) {
      const result = await Promise.race([once(child.stdout, 'data'), ended])
      if ('status' in result) throw new Error(`ended: ${JSON.stringify(result)}`)
    }
    return /http:\S+/.exec(printed.stdout)?.[0] as string
  }
  return { child, ended, prints }
}

/** Opens an event stream. A client that is slow does not read it. */
async function reads(url: string, isSlow = false): Promise<IncomingMessage> {
  const sent = get(url, { agent: false }).on('error', () => undefined)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  response.on('error', () => undefined)
  return isSlow ? response : response.resume()
}

/** Opens a web socket whose client never answers. */
async function silent(url: string, name: string): Promise<Socket> {
  const socket = await raw(url, handshake(name))
  await headOf(socket)
  return socket.pause()
}

test('SIGTERM ends a process whatever is open, and each request once', async () => {
  const { child, ended, prints } = start(['test/websocket/fixtures/server.ts'])
  const url = await prints('http://')
  await open(`${url}/echo`)
  await silent(url, '/echo')
  ;(await silent(url, '/echo')).end()
  await open(`${url}/sends`)
  await silent(url, '/sends')
  await open(`${url}/hangs`)
  await raw(url, handshake('/echo').slice(0, -2))
  await raw(url, handshake('/waits'))
  await prints('a view waits')
  await Promise.all(['signal', 'hangs', 'endless'].map(name => reads(`${url}/events/${name}`)))
  await reads(`${url}/events/large`, true)
  child.kill('SIGTERM')
  const { status, stdout, stderr } = await ended
  expect([status, stderr]).toEqual([0, ''])
  const lines = stdout.trim().split('\n').slice(1)
  expect(lines.at(-1)).toBe('shut down by SIGTERM')
  expect(lines.filter(line => line === 'teardown')).toHaveLength(11)
  expect(lines.filter(line => line.startsWith('/')).sort()).toEqual([
    '/<name> 101 1001 whole',
    '/<name> 101 1001 whole',
    '/<name> 101 1001 whole',
    '/<name> 101 1006 aborted',
    '/<name> 101 1006 aborted',
    '/<name> 101 1006 aborted',
    '/events/endless 200 undefined whole',
    '/events/hangs 200 undefined whole',
    '/events/large 200 undefined aborted',
    '/events/signal 200 undefined whole',
    '/waits 503 undefined whole',
  ])
})

test('flaskoa serve: a reload closes web sockets with 1001, and a new one is opened by a new worker', async () => {
  const app = ['--app', 'test/websocket/fixtures/stopping.ts:createApp']
  const { child, ended, prints } = start(['test/cli/from-source.ts', 'serve', ...app, '--workers', '2'])
  const url = await prints('listens on', 2)
  const [first, second] = [await open(`${url}/echo`), await open(`${url}/hangs`)]
  child.kill('SIGHUP')
  expect((await Promise.all([first.closed, second.closed])).map(([code]) => code)).toEqual([1001, 1001])
  await prints('shut down by SIGTERM', 2)
  const { closed, client } = await open(`${url}/echo`)
  client.send('hello')
  expect(String(((await once(client, 'message')) as [Buffer])[0])).toBe('hello')
  child.kill('SIGTERM')
  expect((await closed)[0]).toBe(1001)
  const { status, stdout, stderr } = await ended
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout.split('\n').filter(line => line.startsWith('/'))).toEqual([
    '/<name> 101 1001 whole',
    '/<name> 101 1001 whole',
    '/<name> 101 1001 whole',
  ])
})

test('flaskoa dev: a change of a file starts the application again, whatever is open', async () => {
  const cwd = project({ 'package.json': '{ "type": "commonjs" }' })
  const file = join(cwd, 'app.ts')
  const copy = () => {
    copyFileSync(join(root, 'test/websocket/fixtures/stopping.ts'), file)
  }
  copy()
  symlinkSync(join(root, 'node_modules'), join(cwd, 'node_modules'))
  const { child, ended, prints } = start(
    [join(root, 'test/cli/from-source.ts'), 'dev', '--app', 'app.ts:createApp'],
    cwd,
  )
  const url = await prints('http://')
  const { closed } = await open(`${url}/echo`)
  await silent(url, '/hangs')
  await silent(url, '/sends')
  await reads(`${url}/events/signal`)
  copy()
  expect((await closed)[0]).toBe(1001)
  await prints('http://', 2)
  child.kill('SIGTERM')
  const { status, stdout, stderr } = await ended
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout.match(/^teardown$/gm)).toHaveLength(4)
})
