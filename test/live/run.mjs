// `npm run test:live`: server-sent events and web sockets in Chromium, which reads them with its own EventSource and WebSocket.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { check, root, skip, summarize } from '../../scripts/checks.mjs'
import { inChromium } from '../openapi/chromium.mjs'
import { whileServed } from '../support/while-served.mjs'

const directory = mkdtempSync(join(tmpdir(), 'flaskoa-live-'))
try {
  if (spawnSync('chromium', ['--version']).error === undefined) await serveAndConnect()
  else {
    skip('live connections in Chromium', 'they need chromium in the PATH: apt-get install chromium')
    if (process.env.CI) process.exitCode = 1
  }
} finally {
  rmSync(directory, { recursive: true, force: true })
}
summarize()

function serveAndConnect() {
  return whileServed(['--import', 'tsx', 'test/live/fixtures/serve.ts'], root, (url, seen) =>
    check('Chromium starts and ends', () => inChromium(directory, page => connect(page, url, seen))),
  )
}

async function connect(page, url, seen) {
  await page.open(`${url}/`)
  await page.until(`document.querySelector('h1')`)
  await check('an EventSource reads events, and connects again where it was', () => readsEvents(page))
  await check('the source of the events ends when the page closes it', async () => {
    await page.evaluate('void source.close()')
    await said(seen, 'finally é1')
    assert.deepEqual(seen, ['finally undefined', 'finally é1'])
  })
  await check('a WebSocket sends and receives texts and bytes', () => echoes(page))
  await check('the session was saved with the 101', async () => {
    await page.evaluate(`void fetch('/count').then(r => r.json()).then(({ count }) => (window.count = count))`)
    await page.until('window.count === 7')
  })
  await check('each side closes it, with its code', () => closes(page, seen))
  await check('a page of another origin may not open it', () => isForeign(page, url, seen))
  await check('loading the page anew closes it', () => leaves(page, url, seen))
  await check('a shutdown closes it with 1001', () => shutsDown(page, url, seen))
}

/** Waits until the application has said a line. */
async function said(seen, line) {
  for (let waited = 0; waited < 60_000; waited += 20) {
    if (seen.includes(line)) return
    await sleep(20)
  }
  throw new Error(`never said: ${line}\n${seen.join('\n')}`)
}

async function readsEvents(page) {
  await page.evaluate(`
    window.events = []
    window.source = new EventSource('/events')
    source.onmessage = ({ data, lastEventId }) => events.push(['message', data, lastEventId])
    source.addEventListener('named', ({ data, lastEventId }) => events.push(['named', data, lastEventId]))
    void 0`)
  await page.until('events.length === 3')
  assert.deepEqual(await page.evaluate('events'), [
    ['message', 'first\nline', ''],
    ['named', '{"n":1}', 'é1'],
    ['named', 'é1', '2'],
  ])
}

/** Opens a web socket in the page. What it receives is in `received`, and how it was closed in `ending`. */
async function opens(page, url = `ws://' + location.host + '`) {
  await page.evaluate(`
    window.received = []
    window.ending = undefined
    window.socket = new WebSocket('${url}/socket', ['other', 'echo'])
    socket.binaryType = 'arraybuffer'
    socket.onmessage = ({ data }) => received.push(typeof data === 'string' ? data : [...new Uint8Array(data)])
    socket.onclose = ({ code, reason, wasClean }) => (ending = [code, reason, wasClean])
    void 0`)
  await page.until('socket.readyState !== WebSocket.CONNECTING')
}

async function echoes(page) {
  await opens(page)
  assert.equal(await page.evaluate('socket.protocol'), 'echo')
  await page.evaluate(`socket.send('grüße'); socket.send(new Uint8Array([0, 255]))`)
  await page.until('received.length === 2')
  assert.deepEqual(await page.evaluate('received'), ['grüße', [0, 255]])
}

async function closes(page, seen) {
  await page.evaluate(`socket.close(4001, 'bye')`)
  await page.until('ending')
  assert.deepEqual(await page.evaluate('ending'), [4001, 'bye', true])
  await said(seen, 'socket 101 4001')
  await opens(page)
  await page.evaluate(`socket.send('close')`)
  await page.until('ending')
  assert.deepEqual(await page.evaluate('ending'), [3500, 'as you say', true])
  await said(seen, 'socket 101 3500')
}

async function isForeign(page, url, seen) {
  await page.open(`${url.replace('127.0.0.1', 'localhost')}/`)
  await page.until(`location.hostname === 'localhost' && document.querySelector('h1')`)
  await opens(page, url.replace('http', 'ws'))
  await page.until('ending')
  assert.deepEqual(await page.evaluate('ending'), [1006, '', false])
  await said(seen, 'socket 403 undefined')
}

async function leaves(page, url, seen) {
  await page.open(`${url}/`)
  await page.until(`location.hostname === '127.0.0.1' && document.querySelector('h1')`)
  await opens(page)
  // A page that is left otherwise may be kept, with its web socket, for the way back.
  await page.evaluate('location.reload()')
  await said(seen, 'socket 101 1001')
}

async function shutsDown(page, url, seen) {
  await page.open(`${url}/`)
  await page.until(`location.hostname === '127.0.0.1' && document.querySelector('h1')`)
  await opens(page)
  const before = seen.filter(line => line === 'socket 101 1001').length
  await page.evaluate(`void fetch('/shutdown')`)
  await page.until('ending')
  assert.deepEqual(await page.evaluate('ending'), [1001, 'The server is shutting down', true])
  for (let waited = 0; seen.filter(line => line === 'socket 101 1001').length === before; waited += 20) {
    assert.ok(waited < 60_000, 'the request has not ended')
    await sleep(20)
  }
}
