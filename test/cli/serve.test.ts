import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../support/until'

const root = join(__dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'flaskoa-serve-'))
const APP = 'test/cli/fixtures/serving.ts:createApp'
const FILE = join(folder, 'ids')
const children: ChildProcess[] = []
afterAll(async () => {
  for (const child of children.filter(({ exitCode }) => exitCode === null)) {
    child.kill()
    await once(child, 'close')
  }
  rmSync(folder, { recursive: true })
})

/** Starts `flaskoa serve` in a process of its own. */
function start(args: readonly string[], env = {}) {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'test/cli/from-source.ts', 'serve', '--app', APP, ...args],
    {
      cwd: root,
      env: { ...process.env, FILE, HOST: '127.0.0.1', PORT: '0', ...env },
    },
  )
  children.push(child)
  const printed = { stdout: '', stderr: '' }
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text))
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text))
  const ended = once(child, 'close').then(([status]) => ({ status: status as number | null, ...printed }))
  const listening = () => [...printed.stdout.matchAll(/Worker (\d+) listens on (\S+)/g)]
  const listens = async (count: number) => {
    while (listening().length < count) {
      const result = await Promise.race([once(child.stdout, 'data'), ended])
      if ('status' in result) throw new Error(`ended: ${JSON.stringify(result)}`)
    }
    return { url: listening()[0]?.[2] as string, pids: listening().map(([, pid]) => Number(pid)) }
  }
  return { child, printed, ended, listens }
}

/** The body of a response, or the code of what went wrong. */
function send(url: string, agent: Agent, method = 'POST', headers = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, method, headers }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () => {
        resolve(text)
      })
      response.on('error', reject)
    })
    sent.on('error', reject).end()
  })
}

/** Clients that send one request after the other, each with an id, until they are told to end. */
function load(url: string, clients: number) {
  const agent = new Agent({ keepAlive: true })
  const acknowledged: string[] = []
  const failures: string[] = []
  const pids = new Set<number>()
  let isOver = false
  let next = 0
  const request = async (by: Agent) => {
    const id = String(next++)
    try {
      pids.add(Number(await send(`${url}/ids/${id}`, by)))
      acknowledged.push(id)
    } catch (error) {
      failures.push((error as NodeJS.ErrnoException).code ?? String(error))
    }
  }
  const client = async () => {
    while (!isOver) await request(agent)
  }
  /** Whether all of these have answered: one may have all connections of the clients, so this opens another. */
  const reaches = async (wanted: readonly number[]) => {
    await request(new Agent())
    return wanted.every(pid => pids.has(pid))
  }
  const running = Promise.all(Array.from({ length: clients }, client))
  const end = async () => {
    isOver = true
    await running
    agent.destroy()
  }
  return { acknowledged, failures, reaches, end }
}

test('--workers 2 under load: SIGHUP loses no request, a killed worker no acknowledged one', async () => {
  const { child, printed, ended, listens } = start(['--workers', '2'])
  const { url, pids } = await listens(2)
  const traffic = load(url, 8)
  await until('both workers answer', () => traffic.reaches(pids))
  child.kill('SIGHUP')
  while (!printed.stdout.includes('All workers are new.')) await once(child.stdout, 'data')
  expect(traffic.failures).toEqual([])
  const later = (await listens(4)).pids.slice(2)
  expect(later.every(pid => !pids.includes(pid))).toBe(true)
  await until('the new workers answer', () => traffic.reaches(later))
  process.kill(later[0] as number, 'SIGKILL')
  const [replacement] = (await listens(5)).pids.slice(4)
  // The clients have connections to the other worker: only a new one reaches the replacement.
  await until('the replacement answers', async () => {
    return Number(await send(`${url}/ids/new`, new Agent())) === replacement
  })
  await traffic.end()
  // Only requests that the killed worker had not answered.
  expect(traffic.failures.length).toBeLessThanOrEqual(8)
  expect(traffic.failures.filter(code => !['ECONNRESET', 'EPIPE', 'ECONNREFUSED'].includes(code))).toEqual([])
  const written = new Set(readFileSync(FILE, 'utf8').trim().split('\n'))
  expect(traffic.acknowledged.filter(id => !written.has(id))).toEqual([])
  child.kill('SIGTERM')
  expect(await ended).toMatchObject({ status: 0, stderr: '' })
}, 120_000)

test('--trust-proxy', async () => {
  const { child, ended, listens } = start(['--workers', '1', '--trust-proxy'])
  const { url } = await listens(1)
  expect(await send(`${url}/ip`, new Agent(), 'GET', { 'X-Forwarded-For': '10.9.8.7' })).toBe('10.9.8.7')
  child.kill('SIGINT')
  expect(await ended).toMatchObject({ status: 0 })
}, 60_000)

test('if no worker can start, the command fails and says why', async () => {
  const { status, stderr } = await start(['--workers', '2'], { FAILS: '1' }).ended
  expect(status).toBe(1)
  expect(stderr).toContain('App.start: @OnStart failed, so the application did not start: connection refused')
}, 60_000)

test('a wrong option is a usage error', async () => {
  expect(await start(['--workers', '0']).ended).toMatchObject({
    status: 2,
    stderr: '--workers must be a whole number from 1 to 1024, not 0. See flaskoa serve --help.\n',
  })
}, 60_000)

test('without a host it listens on all addresses', async () => {
  const { child, ended, listens } = start(['--workers', '1'], { HOST: undefined })
  const { url } = await listens(1)
  expect(url).toMatch(/^http:\/\/localhost:\d+$/)
  expect((await fetch(`${url}/ip`)).status).toBe(200)
  child.kill('SIGTERM')
  expect((await ended).status).toBe(0)
})
