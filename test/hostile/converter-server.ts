import type { AddressInfo } from 'node:net'
import { bootstrap, Route } from 'flaskoa'

// Rules that a backtracking search would spend hours on, in a process that can be stopped while it does.

declare module 'flaskoa' {
  interface Converters {
    slug: string
    words: string
  }
}

class App {
  @Route('/dashes/<a>-<b>-<c>') dashes() {
    return 'dashes'
  }
  @Route('/many/<a>-<b>-<c>-<d>-<e>.json') many() {
    return 'many'
  }
  @Route('/path/<path:a>/x/<path:b>/y') path() {
    return 'path'
  }
  @Route('/limited/<string(maxlength=200):a>.<string(maxlength=200):b>.<any(a, aa, aaa):c>') limited() {
    return 'limited'
  }
  @Route('/floats/<float:a>-<float(signed=True):b>') floats() {
    return 'floats'
  }
  @Route('/slug/<slug:s>') slug() {
    return 'slug'
  }
  @Route('/words/<words:w>') words() {
    return 'words'
  }
}

const converters = { slug: { regex: '[a-z]+(?:-?[a-z]+)*' }, words: { regex: /(?:[a-z]+|[a-z ]+)+/ } }
const server = bootstrap(App, { converters }).listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port)
})
