import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { runInThisContext } from 'node:vm'
import { transformSync as swc } from '@swc/core'
import { transformSync as esbuild } from 'esbuild'
import ts from 'typescript'
import { table } from '../../src/cli/table'
import { Locator } from '../../src/cli/locate'
import { ORIGINAL } from '../../src/util/original'
import { project, removeProjects } from './support'

afterAll(removeProjects)

const SOURCE = `interface Removed { a: string }
type AlsoRemoved = Removed

export class Users {

  show(id: number): string {
    return String(id)
  }
}
`

const compilers = {
  tsc: () => {
    const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS, sourceMap: true }
    const { outputText, sourceMapText } = ts.transpileModule(SOURCE, { compilerOptions, fileName: 'users.ts' })
    return { code: outputText.replace(/\/\/# .*\s*$/, ''), map: sourceMapText as string }
  },
  esbuild: () =>
    esbuild(SOURCE, { loader: 'ts', format: 'cjs', minify: true, sourcemap: true, sourcefile: 'users.ts' }),
  swc: () => {
    const options = {
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
      module: { type: 'commonjs' },
    } as const
    const { code, map } = swc(SOURCE, { swcrc: false, sourceMaps: true, filename: 'users.ts', ...options })
    return { code, map: map as string }
  },
}

describe.each(Object.keys(compilers) as (keyof typeof compilers)[])('compiled by %s', name => {
  test.each(['inline', 'external'])('with %s source maps, a method is found in its source', kind => {
    const { code, map } = compilers[name]()
    const folder = project({ 'users.ts': SOURCE, 'users.js.map': map })
    const sources = { ...(JSON.parse(map) as object), sources: ['users.ts'] }
    writeFileSync(join(folder, 'users.js.map'), JSON.stringify(sources))
    const inline = `data:application/json;base64,${Buffer.from(JSON.stringify(sources)).toString('base64')}`
    writeFileSync(
      join(folder, 'users.js'),
      `${code}\n//# sourceMappingURL=${kind === 'inline' ? inline : 'users.js.map'}\n`,
    )
    const { Users } = createRequire(join(folder, 'x.js'))('./users.js') as {
      Users: new () => { show(id: number): string }
    }
    const users = new Users()
    const bound = users.show.bind(users).bind(undefined)
    const watched = Object.assign(() => '', { [ORIGINAL]: new Proxy(bound, {}) })
    const locator = new Locator()
    try {
      expect(locator.locate(watched)).toEqual({ file: join(folder, 'users.ts'), line: 6 })
      expect(locator.describe(bound, folder)).toBe('users.ts:6')
    } finally {
      locator.close()
    }
  })
})

/** The place of a function in the second line of a script, whose map may name line 5 of another file for it. */
function placeIn(folder: string, mapUrl: string) {
  const source = `\n(() => 1)\n//# sourceMappingURL=${mapUrl}\n`
  const fn = runInThisContext(source, { filename: join(folder, 'a.js') }) as () => number
  const locator = new Locator()
  try {
    return { ...locator.locate(fn), shown: locator.describe(fn, folder) }
  } finally {
    locator.close()
  }
}

const percentEncoded = (map: string) => `data:application/json;charset=utf-8,${encodeURIComponent(map)}`

const mapOf = (source: string, mappings = ';AAIA') =>
  percentEncoded(JSON.stringify({ version: 3, sources: [source], names: [], mappings }))

test('a map may be percent-encoded, and name its sources by their whole paths', () => {
  const folder = project({})
  expect(placeIn(folder, mapOf('src/a.ts'))).toEqual({ file: join(folder, 'src/a.ts'), line: 5, shown: 'src/a.ts:5' })
  expect(placeIn(folder, mapOf('/shop/a.ts'))).toMatchObject({ file: '/shop/a.ts', line: 5 })
})

test.each([
  ['names no file', mapOf('webpack://shop/a.ts')],
  ['is broken', percentEncoded('{')],
  ['is missing', 'none.js.map'],
  ['leaves the line out', mapOf('a.ts', '')],
])('with a map that %s, it is the compiled line', (_, mapUrl) => {
  const folder = project({})
  expect(placeIn(folder, mapUrl)).toEqual({ file: join(folder, 'a.js'), line: 2, shown: 'a.js:2' })
})

test("without a map as well, a function without a file has no place, and flaskoa's own files are not shown", () => {
  const folder = project({ 'a.js': '\nmodule.exports = () => 1\n' })
  const fn = createRequire(join(folder, 'x.js'))('./a.js') as () => number
  const locator = new Locator()
  expect(locator.locate(fn)).toEqual({ file: join(folder, 'a.js'), line: 2 })
  for (const each of [Math.max, inspect, runInThisContext('() => 1') as () => 1])
    expect(locator.describe(each, folder)).toBeUndefined()
  expect(locator.describe(table, folder)).toBe('flaskoa')
  locator.close()
})
