// `npm run test:openapi`: one application with zod, valibot and arktype, served as a user would serve it. Its document is checked
// by validators, compiled into a typed client, walked by a client in Python, and tried in a browser.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { check, root, run, skip, summarize } from '../../scripts/checks.mjs'
import { installWith } from '../package/install.mjs'
import { whileServed } from '../support/while-served.mjs'
import { inChromium } from './chromium.mjs'

/** Versions that run on Node 20. */
const TOOLS = ['@seriousme/openapi-schema-validator@^2.11', '@readme/openapi-parser@^9', 'typescript@~5.9']
const CLIENT = ['openapi-typescript@^7.13', 'openapi-fetch@^0.17', '@types/node@20']
/** In the versions of this repository. */
const PEERS = ['zod', 'valibot', '@valibot/to-json-schema', 'arktype', 'swagger-ui-dist']

// Outside of the repository, so that nothing is found in its node_modules by accident.
const directory = mkdtempSync(join(tmpdir(), 'flaskoa-openapi-'))
const node = (...args) => run(process.execPath, args, directory)
const has = tool => spawnSync(tool, ['--version']).error === undefined

try {
  if (
    (await check('flaskoa and the tools install', () =>
      installWith(directory, 'test/openapi/consumer', PEERS, [...TOOLS, ...CLIENT]),
    )) !== undefined
  )
    await serveAndTry()
} finally {
  rmSync(directory, { recursive: true, force: true })
}
summarize()

/** The lines of the application are the requests that have reached a view. */
function serveAndTry() {
  return whileServed(['app.mjs'], directory, tryDocument)
}

async function tryDocument(url, seen) {
  const document = await check('the document is served', async () => (await fetch(`${url}/openapi.json`)).json())
  if (document === undefined) return
  await validators(document)
  await typedClient(url, document)
  await python(url)
  await browser(url, document, seen)
}

async function validators(document) {
  const load = name => import(pathToFileURL(resolveModule(name)).href)
  await check('@seriousme/openapi-schema-validator finds it valid', async () => {
    const { Validator } = await load('@seriousme/openapi-schema-validator')
    const { valid, errors } = await new Validator().validate(structuredClone(document))
    assert.ok(valid, JSON.stringify(errors))
  })
  await check('@readme/openapi-parser finds it valid, without warnings', async () => {
    const { validate, compileErrors } = await load('@readme/openapi-parser')
    const result = await validate(structuredClone(document))
    assert.ok(
      result.valid && result.warnings.length === 0,
      result.valid ? String(result.warnings) : compileErrors(result),
    )
  })
}

/** The file of a package for `import`. */
function resolveModule(name) {
  const { exports, main = 'index.js' } = JSON.parse(
    readFileSync(join(directory, 'node_modules', name, 'package.json'), 'utf8'),
  )
  const entry = exports?.['.'] ?? exports ?? main
  const file = typeof entry === 'string' ? entry : (entry.import?.default ?? entry.import ?? entry.default)
  return join(directory, 'node_modules', name, file)
}

async function typedClient(url, document) {
  await check('openapi-typescript makes types of it, and a client with openapi-fetch compiles and runs', () => {
    writeFileSync(join(directory, 'openapi.json'), JSON.stringify(document))
    node(resolveBin('openapi-typescript'), 'openapi.json', '-o', 'schema.d.ts', '--default-non-nullable=false')
    const options = { target: 'es2022', module: 'nodenext', strict: true, skipLibCheck: true, types: ['node'] }
    const tsconfig = { compilerOptions: { ...options, exactOptionalPropertyTypes: false }, files: ['client.mts'] }
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(tsconfig))
    cpSync(join(directory, 'client.ts'), join(directory, 'client.mts'))
    node(resolveBin('typescript', 'tsc'), '-p', '.')
    node('client.mjs', url)
  })
}

function resolveBin(name, command = name) {
  const { bin } = createRequire(join(directory, 'package.json'))(`${name}/package.json`)
  return join(directory, 'node_modules', name, typeof bin === 'string' ? bin : bin[command])
}

async function python(url) {
  const name = 'a client in plain Python calls each operation and gets declared statuses only'
  if (!has('python3')) return without(name, 'python3')
  await check(name, () => run('python3', [join(root, 'test/openapi/walk.py'), url]))
}

async function browser(url, document, seen) {
  const names = [
    '/docs shows all routes in Chromium, asks no other host and breaks no policy',
    '"Execute" sends a request',
  ]
  if (!has('chromium')) return names.forEach(name => without(name, 'chromium'))
  await check('Chromium starts and ends', () =>
    inChromium(directory, async page => {
      await check(names[0], () => showsRoutes(page, url, document))
      seen.length = 0
      await check(names[1], () => sendsRequest(page, seen))
    }),
  )
}

async function showsRoutes(page, url, { paths }) {
  await page.open(`${url}/docs`)
  const expected = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map(method => `${method.toUpperCase()} ${path}`),
  )
  const blocks = `[...document.querySelectorAll('.opblock')]`
  await page.until(`${blocks}.length === ${expected.length}`)
  const text = (block, part) =>
    `${block}.querySelector('.opblock-summary-${part}').textContent.replaceAll('\\u200b', '')`
  const shown = await page.evaluate(`${blocks}.map(each => ${text('each', 'method')} + ' ' + ${text('each', 'path')})`)
  assert.deepEqual(shown.sort(), expected.sort())
  assert.equal(await page.evaluate('document.title'), 'Everything')
  assert.deepEqual(page.errors, [])
  const foreign = page.requests.filter(each => !each.startsWith(`${url}/`) && !each.startsWith('data:'))
  assert.deepEqual(foreign, [])
}

async function sendsRequest(page, seen) {
  const block = `[...document.querySelectorAll('.opblock')].find(each => each.textContent.includes('pets.show'))`
  const within = selector => `${block}.querySelector('${selector}')`
  const click = selector => page.until(`${within(selector)} && (${within(selector)}.click(), true)`)
  await click('.opblock-summary-control')
  await click('.try-out__btn')
  await enter(page, within('tr[data-param-name="x-tenant"] input'), 'HTMLInputElement', 'input', 'ann')
  await enter(page, within('tr[data-param-name="kind"] select'), 'HTMLSelectElement', 'change', 'dog')
  await click('.execute')
  const answer = within('.live-responses-table')
  await page.until(`${answer} && ${answer}.textContent.includes('"name": "ann"')`)
  assert.deepEqual(seen.splice(0), ['GET /pets/dog'])
}

/** Enters a value as a user does: React reads it at the event, Swagger UI when the element loses the focus. */
async function enter(page, element, type, event, value) {
  await page.until(element)
  await page.evaluate(`(() => {
    const element = ${element}
    Object.getOwnPropertyDescriptor(${type}.prototype, 'value').set.call(element, '${value}')
    for (const event of ['${event}', 'focusout']) element.dispatchEvent(new Event(event, { bubbles: true }))
  })()`)
}

/** A check whose tool is missing is skipped, but not in CI. */
function without(name, tool) {
  skip(name, `it needs ${tool} in the PATH: apt-get install ${tool}`)
  if (process.env.CI) process.exitCode = 1
}
