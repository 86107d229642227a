// Serves the page and what it calls. It prints its URL.
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { Blueprint, bootstrap, Get, makeResponse, session } from 'flaskoa'
import type { ArgsOf } from 'flaskoa/contract'
import { createUser, fails, login, me, member, removeUser, searchUsers, slow, upload } from './contract'

@Blueprint('/orgs/<int:org>', { name: 'orgs' })
class Orgs {
  @member show({ name, org }: ArgsOf<typeof member> & { org: number }) {
    return { org, name }
  }
}

class App {
  @createUser create({ body: { name } }: ArgsOf<typeof createUser>) {
    return name === 'root'
      ? makeResponse({ title: 'taken' }, 409)
      : { id: 1, name, born: new Date(0), password: 'secret' }
  }
  @searchUsers search({ query: { page, tag = [] } }: ArgsOf<typeof searchUsers>) {
    return { page, tag }
  }
  @removeUser remove({ id }: ArgsOf<typeof removeUser>) {
    void id
  }
  @login login({ form: { name } }: ArgsOf<typeof login>) {
    session.user = name
  }
  @me me({ cookies: { theme = 'light' } }: ArgsOf<typeof me>) {
    return { name: String(session.user), theme }
  }
  @upload async upload({ form: { title, tags, picture } }: ArgsOf<typeof upload>) {
    return { title, tags, name: picture.name, type: picture.type, text: await picture.text() }
  }
  @fails fails(): never {
    throw new Error('secret')
  }
  @slow async slow() {
    await new Promise(resolve => setTimeout(resolve, 60_000).unref())
    return ''
  }
  @Get('/') index() {
    return '<!doctype html><title>client</title><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>'
  }
  @Get('/page.js') page() {
    return makeResponse(readFileSync('page.js'), 200, { 'Content-Type': 'text/javascript' })
  }
}

const server = bootstrap(App, { blueprints: [Orgs], secretKey: 'secret', logger: false }).listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
