import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Get, bootstrap } from 'flaskoa'
import { dialect } from '../support/dialect'
import { patience } from '../support/pace'
import { serve } from '../support/serve'
import { setupError } from '../support/setup-error'
import { raw, statuses, written } from './raw'

/** Runs `use` with a server that is killed when it takes too long: it could not be stopped otherwise. */
async function withServer(use: (url: string) => Promise<void>): Promise<void> {
  const root = join(__dirname, '../..')
  const tsconfig = join(root, dialect === 'legacy' ? 'test/tsconfig.legacy.json' : 'tsconfig.json')
  const env = { ...process.env, TSX_TSCONFIG_PATH: tsconfig }
  const child = fork(join(__dirname, 'converter-server.ts'), { cwd: root, env, execArgv: ['--import', 'tsx'] })
  const safetyNet = setTimeout(() => child.kill('SIGKILL'), patience(3000))
  try {
    const [port] = (await once(child, 'message')) as [number]
    await use(`http://127.0.0.1:${port}`)
  } finally {
    clearTimeout(safetyNet)
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
}

const SIZE = 15_000

// How the work grows with the text is counted in test/routing/linear-regex.test.ts.
test('no URL keeps the server from answering', async () => {
  const paths = [
    `/dashes/${'-'.repeat(SIZE)}`,
    `/dashes/${'-'.repeat(SIZE)}%2F`,
    `/many/${'-'.repeat(SIZE)}`,
    `/path/${'x/'.repeat(SIZE / 2)}`,
    `/path/${'/x/'.repeat(SIZE / 3)}z`,
    `/limited/${'.'.repeat(SIZE)}`,
    `/floats/${'1'.repeat(SIZE)}`,
    `/floats/${'1.1-'.repeat(SIZE / 4)}`,
    `/slug/${'a'.repeat(SIZE)}!`,
    `/slug/${'a-'.repeat(SIZE / 2)}`,
    `/words/${'a'.repeat(SIZE)}!`,
    `/${'/'.repeat(SIZE)}`,
    `/${'a/'.repeat(SIZE / 2)}`,
  ]
  const found: Record<string, number | undefined> = {}
  await withServer(async url => {
    for (const path of paths) found[path.slice(0, 12)] = statuses(await raw(url, written(`GET ${path}`)))[0]
  })
  expect(found).toEqual({
    '/dashes/----': 404, // the last: what holds %2F is no segment
    '/many/------': 404,
    '/path/x/x/x/': 404,
    '/path//x//x/': 404,
    '/limited/...': 404,
    '/floats/1111': 404,
    '/floats/1.1-': 404,
    '/slug/aaaaaa': 404,
    '/slug/a-a-a-': 404,
    '/words/aaaaa': 404,
    '////////////': 404,
    '/a/a/a/a/a/a': 404,
  })
})

test('the same rules still match ordinary URLs', async () => {
  await withServer(async url => {
    for (const path of ['/dashes/a-b-c-d', '/many/1-2-3-4-5.json', '/path/a/x/b/y', '/limited/a.b.aa', '/slug/a-b-c']) {
      expect([path, statuses(await raw(url, written(`GET ${path}`)))]).toEqual([path, [200]])
    }
  })
})

test('the longest values reach the right variables', async () => {
  class App {
    @Get('/<a>-<b>-<c>') index({ a, b, c }: { a: string; b: string; c: string }) {
      return [a.length, b, c]
    }
  }
  await serve(bootstrap(App), async url => {
    expect(await raw(url, written(`GET /${'-'.repeat(SIZE)}`))).toMatch(`[${SIZE - 4},"-","-"]`)
  })
})

test('a rule whose counts exceed the length of any URL is refused', () => {
  class Counted {
    @Get('/<string(maxlength=5000):a>-<b>') index() {
      return ''
    }
  }
  expect(setupError(() => bootstrap(Counted))).toMatch(
    "FLASKOA_BAD_RULE Counted.index: in the rule '/<string(maxlength=5000):a>-<b>': it takes more than 2000 steps to match",
  )
})

test.each(['(?i:a)', '(?-s:.)'])('flags for a part of a regex, %s, are refused', regex => {
  class Flagged {
    @Get('/<hex:a>') index() {
      return ''
    }
  }
  expect(setupError(() => bootstrap(Flagged, { converters: { hex: { regex } } }))).toMatch(
    `FLASKOA_BAD_CONVERTER Flagged.index: in the rule '/<hex:a>': the converter 'hex' is not usable: ${regex}: flags like`,
  )
})
