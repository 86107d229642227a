// docs/reference/ must have an entry for every export of flaskoa, for every option and for every code of a SetupError, and
// none for what does not exist. An entry is a heading, a row of a table or a point of a list that begins with the name.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { check, root, summarize } from '../../scripts/checks.mjs'

const ENTRIES = { flaskoa: 'src/index.ts', testing: 'src/testing/index.ts', redis: 'src/session-redis.ts' }

const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root)
const files = Object.values(ENTRIES).map(path => join(root, path))
const program = ts.createProgram(files, { ...options, types: ['node'] })
const checker = program.getTypeChecker()

/** What a module exports, by name. */
const exportsOf = path => {
  const symbols = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(join(root, path))))
  return new Map(symbols.map(symbol => [symbol.name, symbol]))
}
const flaskoa = exportsOf(ENTRIES.flaskoa)
const decorators = new Set(exportsOf('src/decorators.ts').keys())

/** The type that an export declares. */
function typeOf(name, exports = flaskoa) {
  const symbol = exports.get(name)
  const { flags } = symbol
  return checker.getDeclaredTypeOfSymbol(flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol)
}

/** The properties of an interface; of a union, those of all its objects. Classes among them have none that count. */
function propertiesOf(type) {
  const parts = type.isUnion() ? type.types : [type]
  const objects = parts.filter(part => part.getCallSignatures().length + part.getConstructSignatures().length === 0)
  return [...new Set(objects.flatMap(part => part.getProperties().map(({ name }) => name)))]
}

/** The codes as a program sees them, with their prefix. */
const codes = () =>
  typeOf('SetupErrorCode')
    .types.map(({ value }) => value)
    .map(code => (code.startsWith('FLASKOA_') ? code : `FLASKOA_${code}`))

const textOf = page => {
  const path = join(root, 'docs/reference', page)
  if (!existsSync(path)) throw new Error(`there is no docs/reference/${page}`)
  return readFileSync(path, 'utf8').replace(/^(`{3,})[^]*?^\1$/gm, '')
}

/** The names that a page has entries for: `### makeResponse(value)`, `| \`a\`, \`b\` | … |`, `- **c**: …`. */
function entriesOf(page) {
  const lines = textOf(page).matchAll(/^(?:#{2,6} +(.+)|\| *([^|]+?) *\|.*|[-*] +((?:\*\*|`)[^:.]+).*)$/gm)
  const names = [...lines].flatMap(found =>
    (found[1] ?? found[2] ?? found[3]).replace(/\([^)]*\)|<[^>]*>/g, '').split(/, | and |\/ ?/),
  )
  return new Set(names.map(name => /^[`*]*(@?[\w$.]+)/.exec(name)?.[1].split('.').at(-1)))
}

/** A check that the pages have an entry for each of the names. */
const complete = (what, pages, names) =>
  check(`docs/reference: ${what}`, () => {
    const entries = new Set(pages.flatMap(page => [...entriesOf(page)]))
    const missing = names().filter(name => !entries.has(name))
    if (missing.length > 0) throw new Error(`${pages.join(', ')}: no entry for ${missing.join(', ')}`)
  })

const others = () => [...flaskoa.keys()].filter(name => !decorators.has(name))
const ANYWHERE = ['functions.md', 'types.md', 'options.md', 'errors.md', 'testing.md', 'events.md']

await complete('every decorator', ['decorators.md'], () => [...decorators].map(name => `@${name}`))
await complete('every other export of flaskoa', ANYWHERE, others)
await complete('every export of flaskoa/testing', ['testing.md'], () => [...exportsOf(ENTRIES.testing).keys()])
await complete('every export of flaskoa/session-redis', ANYWHERE, () => [...exportsOf(ENTRIES.redis).keys()])
for (const name of [
  ...['LifecycleOptions', 'BootstrapOptions', 'ShutdownOptions', 'SessionOptions', 'RouteOptions', 'VerbOptions'],
  ...['BlueprintOptions', 'BlueprintEntry'],
]) {
  await complete(`every one of ${name}`, ['options.md'], () => propertiesOf(typeOf(name)))
}
await complete('every option of the store for Redis', ['options.md'], () =>
  propertiesOf(typeOf('RedisSessionStoreOptions', exportsOf(ENTRIES.redis))),
)
await complete('every code of a SetupError', ['errors.md'], codes)
await check('docs/reference: no decorator that does not exist', () => {
  const unknown = [...entriesOf('decorators.md')].filter(
    name => name?.startsWith('@') && !decorators.has(name.slice(1)),
  )
  if (unknown.length > 0) throw new Error(unknown.join(', '))
})
await check('docs/reference: no code that does not exist', () => {
  const known = codes()
  const named = textOf('errors.md').match(/FLASKOA_[A-Z_]+[A-Z]/g) ?? []
  const unknown = named.filter(code => !known.includes(code) && code !== 'FLASKOA_SHORT_SECRET') // a warning's
  if (unknown.length > 0) throw new Error(unknown.join(', '))
})
summarize()
