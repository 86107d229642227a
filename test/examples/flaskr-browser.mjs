// A visit to examples/flaskr in Chromium: register, log in, write, edit, delete, log out. FLASKR_PICTURES names a folder for pictures.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const { FLASKR_PICTURES: folder } = process.env

/** @param page of Chromium */
export async function visitInBrowser(page, url) {
  const visitor = new Visitor(page)
  await page.open(url)
  await visitor.sees('Posts')
  await visitor.follows('Register', 'Register')
  await visitor.sends({ username: 'ada', password: 'engine' }, 'Log In')
  await visitor.sends({ username: 'ada', password: 'wrong' }, 'Log In')
  assert.equal(await visitor.text('.flash'), 'Incorrect password.')
  await visitor.sends({ username: 'ada', password: 'engine' }, 'Posts')
  assert.equal(await visitor.text('nav span'), 'ada')
  await visitor.follows('New', 'New Post')
  await visitor.sends({ title: 'First <b>', body: 'one\ntwo' }, 'Posts')
  assert.equal(await visitor.text('.post h1'), 'First <b>')
  assert.equal(
    await page.evaluate(`getComputedStyle(document.querySelector('.post .body')).whiteSpaceCollapse`),
    'preserve-breaks',
  )
  await visitor.picture('posts')
  await visitor.follows('Edit', 'Edit "First <b>"')
  assert.equal(await page.evaluate(`document.querySelector('#body').value`), 'one\ntwo')
  await visitor.picture('edit')
  await visitor.sends({ title: 'Changed' }, 'Posts')
  await visitor.follows('Edit', 'Edit "Changed"')
  await page.evaluate('window.confirm = () => true')
  await visitor.clicks('.danger', 'Posts')
  assert.equal(await page.evaluate(`document.querySelector('.post')`), null)
  await visitor.follows('Log Out', 'Posts')
  assert.ok((await visitor.text('nav')).includes('Log In'))
  // Chromium asks for /favicon.ico, which Flaskr does not have.
  const others = page.errors.filter(each => !each.includes('status of 404'))
  assert.deepEqual(others, [])
}

class Visitor {
  #page
  #seen = 0

  constructor(page) {
    this.#page = page
  }

  text(selector) {
    return this.#page.evaluate(`document.querySelector('${selector}').textContent`)
  }

  /** Waits for the next page, which has this heading. */
  async sees(heading) {
    await this.#page.until(`!window.left && document.readyState === 'complete' && document.querySelector('header h1')`)
    assert.equal(await this.text('.content > header h1'), heading)
    assert.equal(await this.#page.evaluate('document.title'), `${heading} - Flaskr`)
    await this.picture(`${String(++this.#seen).padStart(2, '0')}-${heading.replace(/\W+/g, '-').toLowerCase()}`)
  }

  /** A mark in the window that the next page does not have. */
  async #leaves(expression, heading) {
    await this.#page.evaluate(`window.left = true; ${expression}`)
    await this.sees(heading)
  }

  follows(link, heading) {
    const found = `[...document.querySelectorAll('a')].find(each => each.textContent === ${JSON.stringify(link)})`
    return this.#leaves(`${found}.click()`, heading)
  }

  clicks(selector, heading) {
    return this.#leaves(`document.querySelector('${selector}').click()`, heading)
  }

  async sends(fields, heading) {
    for (const [name, value] of Object.entries(fields))
      await this.#page.evaluate(`document.querySelector('[name=${name}]').value = ${JSON.stringify(value)}`)
    await this.clicks('input[type=submit]', heading)
  }

  async picture(name) {
    if (folder === undefined) return
    mkdirSync(folder, { recursive: true })
    await this.#page.view(900, 'light')
    writeFileSync(join(folder, `${name}.png`), await this.#page.picture())
  }
}
