// `npm run test:devtools`: the error page of debug mode in Chromium, in light and dark, wide and narrow. With `-- --pictures DIR`
// it also writes pictures of it; docs/error-page.png is one of them.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { check, root, skip, summarize } from '../../scripts/checks.mjs'
import { inChromium } from '../openapi/chromium.mjs'
import { whileServed } from '../support/while-served.mjs'

const { pictures } = parseArgs({ options: { pictures: { type: 'string' } } }).values
const WIDTHS = { wide: 1200, narrow: 380 }
const FAILING = '/orders/5?token=abc&page=%3Cb%3E2'
const PAGES = { error: FAILING, unmatched: '/order/5' }

const directory = mkdtempSync(join(tmpdir(), 'flaskoa-devtools-'))
try {
  if (spawnSync('chromium', ['--version']).error === undefined) await serveAndLook()
  else {
    skip('the error page in Chromium', 'it needs chromium in the PATH: apt-get install chromium')
    if (process.env.CI) process.exitCode = 1
  }
} finally {
  rmSync(directory, { recursive: true, force: true })
}
summarize()

function serveAndLook() {
  return whileServed(['--import', 'tsx', 'test/devtools/fixtures/serve.ts'], root, (url, seen) =>
    check('Chromium starts and ends', () => inChromium(directory, page => lookAt(page, url, seen))),
  )
}

async function lookAt(page, url, seen) {
  await check('the page shows the error, its source, its cause and the lifecycle', () => shows(page, url))
  await check('it asks for nothing else, not even for an icon, and breaks no policy of its own', () => {
    assert.deepEqual(
      page.errors.filter(each => !each.includes('responded with a status of 500')),
      [],
    )
    assert.deepEqual(
      page.requests.filter(each => !each.startsWith('data:')),
      [url + FAILING],
    )
    assert.deepEqual(seen, [`GET ${FAILING}`])
  })
  await check('it has no script, and no secret', async () => {
    assert.equal(await page.evaluate('document.scripts.length'), 0)
    const html = await page.evaluate('document.documentElement.outerHTML')
    for (const secret of ['hunter2', 'f00ba4', 'c5rf', 'token=abc']) assert.ok(!visible(html).includes(secret), secret)
  })
  for (const [name, path] of Object.entries(PAGES))
    await check(`${name}: each view`, () => views(page, url + path, name))
}

/** The page without the lines of the application, in which the test's own secrets are written. */
function visible(html) {
  return html.replace(/<pre class="source">[^]*?<\/pre>/g, '')
}

async function shows(page, url) {
  await page.open(url + FAILING)
  const text = selector => page.evaluate(`document.querySelector('${selector}').textContent`)
  await page.until(`document.querySelector('h1')`)
  assert.equal(await text('h1'), 'Error')
  assert.match(await text('header mark, details[open] mark'), /throw new Error\('The total of the order/)
  assert.match(await text('section.error h2'), /^Cause: TypeError$/)
  assert.match(await text('.lifecycle'), /Shop\.loadUser.*threw Error: The total of the order.*Shop\.closeDatabase/s)
  assert.match(await text('.where'), /page=%3Cb%3E2/)
  // The lifecycle's bars are drawn, and the sheet is applied: the policy has let them.
  assert.ok((await page.evaluate(`document.querySelector('.lifecycle rect').getBoundingClientRect().width`)) > 0)
  assert.equal(await page.evaluate(`getComputedStyle(document.querySelector('.frame')).borderTopStyle`), 'solid')
}

async function views(page, url, name) {
  await page.open(url)
  await page.until(`document.querySelector('main')`)
  const grounds = new Set()
  for (const [width, pixels] of Object.entries(WIDTHS)) {
    for (const scheme of ['light', 'dark']) {
      await page.view(pixels, scheme)
      assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), `${width}: it is cut off`)
      grounds.add(await page.evaluate('getComputedStyle(document.body).backgroundColor'))
      if (pictures === undefined) continue
      mkdirSync(pictures, { recursive: true })
      writeFileSync(join(pictures, `${name}-${width}-${scheme}.png`), await page.picture())
    }
  }
  assert.equal(grounds.size, 2, 'light and dark are the same')
  if (pictures !== undefined && name === 'error') await documentsPicture(page)
}

/** The picture of the documents: up to the end of the lifecycle. */
async function documentsPicture(page) {
  await page.view(820, 'light')
  const end = await page.evaluate(
    `document.querySelector('[aria-labelledby=lifecycle]').getBoundingClientRect().bottom`,
  )
  writeFileSync(join(pictures, 'error-page.png'), await page.picture(Math.ceil(end) + 12))
}
