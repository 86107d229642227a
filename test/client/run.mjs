// `npm run test:client`: the installed package in the bundle of a browser. It must be small and have nothing of Koa and Node, and
// a page in Chromium must be able to call a real server with it.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { check, root, run, skip, summarize } from '../../scripts/checks.mjs'
import { inChromium } from '../openapi/chromium.mjs'
import { installWith } from '../package/install.mjs'

/** What the client and two routes may take of a page, in bytes, compressed. */
const LIMIT = 8000
const COMPILERS = ['typescript-5.9', 'typescript', 'typescript-7']

/** What the page must find out, as JSON: `undefined` is null. */
const EXPECTED = {
  created: '1970',
  taken: [409, { title: 'taken' }],
  invalid: ['body#/name'],
  search: [200, { page: 2, tag: ['a', 'ü&'] }],
  removed: [204, null],
  stranger: [200, { name: 'undefined', theme: 'light' }],
  user: [200, { name: 'ann', theme: 'dark' }],
  upload: [200, { title: 'ü', tags: ['a', 'b'], name: 'me.png', type: 'image/png', text: 'bytes' }],
  member: [200, { org: 7, name: 'a b/c' }],
  cookies: 'TypeError',
  fails: ['UnexpectedResponse', 'GET', 500],
  aborted: 'no longer wanted',
  abortedLater: 'no longer wanted',
  unreachable: ['ConnectionError', 'GET', 'TypeError'],
}

// Outside of the repository, so that nothing is found in its node_modules by accident.
const directory = mkdtempSync(join(tmpdir(), 'flaskoa-client-'))

try {
  if ((await check('flaskoa installs', () => installWith(directory, 'test/client/consumer', ['zod']))) !== undefined)
    await useIt()
} finally {
  rmSync(directory, { recursive: true, force: true })
}
summarize()

async function useIt() {
  await check(`the client and two routes are at most ${LIMIT} bytes, without Koa, reflect-metadata and Node`, isSmall)
  for (const compiler of COMPILERS)
    await check(`${compiler} compiles the page with the types of a browser`, () => compile(compiler))
  const built = await check('the page and the server build', async () => {
    await bundle('page.ts', { outfile: 'page.js' })
    await bundle('app.ts', { outfile: 'app.mjs', platform: 'node', packages: 'external', target: 'node20' })
    return true
  })
  if (built) await browser()
}

async function bundle(entry, options) {
  const common = { absWorkingDir: directory, bundle: true, format: 'esm', platform: 'browser', target: 'es2022' }
  return build({ ...common, entryPoints: [entry], logLevel: 'silent', ...options })
}

async function isSmall() {
  const { outputFiles, metafile } = await bundle('two-routes.ts', { minify: true, write: false, metafile: true })
  const bytes = gzipSync(outputFiles[0].contents, { level: 9 }).length
  const sizes = Object.entries(Object.values(metafile.outputs)[0].inputs)
  const foreign = sizes
    .map(([file]) => file)
    .filter(file => !/^(?:two-routes|node_modules\/flaskoa\/dist\/)/.test(file))
  assert.deepEqual(foreign, [])
  const parts = sizes.sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput)
  const largest = parts.slice(0, 10).map(([file, { bytesInOutput }]) => `${bytesInOutput} ${file}`)
  assert.ok(bytes <= LIMIT, [`${bytes} bytes, the largest parts before compression:`, ...largest].join('\n'))
}

function compile(compiler) {
  const options = { target: 'es2022', lib: ['es2023', 'dom'], module: 'esnext', moduleResolution: 'bundler', types: [] }
  const compilerOptions = { ...options, strict: true, skipLibCheck: true, noEmit: true }
  writeFileSync(
    join(directory, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['page.ts', 'two-routes.ts'] }),
  )
  run(process.execPath, [join(root, 'node_modules', compiler, 'bin/tsc'), '-p', '.'], directory)
}

async function browser() {
  const name = 'a page in Chromium calls a server: JSON, forms, files, cookies, errors'
  if (spawnSync('chromium', ['--version']).error !== undefined) {
    skip(name, 'it needs chromium in the PATH: apt-get install chromium')
    if (process.env.CI) process.exitCode = 1
    return
  }
  await check(name, async () => assert.deepEqual(await served(resultsAt), EXPECTED))
}

/** Runs the server while `use` gets its URL. */
async function served(use) {
  const server = spawn(process.execPath, ['app.mjs'], { cwd: directory, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(server, 'exit')
  try {
    const lines = createInterface({ input: server.stdout })
    const [url] = await Promise.race([once(lines, 'line'), ended.then(() => assert.fail('the server has ended'))])
    return await use(url)
  } finally {
    server.kill()
    await ended
  }
}

/** What the page has found out. */
function resultsAt(url) {
  return inChromium(directory, async page => {
    await page.open(url)
    await page.until('globalThis.results')
    return page.evaluate('results')
  })
}
