// docs/reference/ must have an entry for every export of flaskoa, for every option and for every code of a SetupError, and
// none for what does not exist. An entry is a heading, a row of a table or a point of a list that begins with the name.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { check, root, summarize } from '../../scripts/checks.mjs'

const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
/** The file behind each of the package's entries, `flaskoa`, `flaskoa/testing` and so on. */
const entries = Object.entries(config.compilerOptions.paths).map(([name, [path]]) => [name, join(root, path)])
const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root)
const paths = Object.fromEntries(entries)
const program = ts.createProgram(Object.values(paths), { ...options, types: ['node'] })
const checker = program.getTypeChecker()

/** What an entry exports, by name. */
const exportsOf = entry => {
  const source = program.getSourceFile(paths[entry])
  return new Map(checker.getExportsOfModule(checker.getSymbolAtLocation(source)).map(symbol => [symbol.name, symbol]))
}
const flaskoa = exportsOf('flaskoa')

/** The symbol behind an export of another module. */
const resolved = symbol => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol)

/** A decorator has a name like a class and is called like a function. */
const isDecorator = name => {
  const symbol = resolved(flaskoa.get(name))
  if (!/^[A-Z]/.test(name) || (symbol.flags & ts.SymbolFlags.Value) === 0) return false
  const type = checker.getTypeOfSymbol(symbol)
  return type.getCallSignatures().length > 0 && type.getConstructSignatures().length === 0
}
const decorators = new Set([...flaskoa.keys()].filter(isDecorator))

/** The type that an export declares. */
const typeOf = (name, exports = flaskoa) => checker.getDeclaredTypeOfSymbol(resolved(exports.get(name)))

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
function namesIn(page) {
  const lines = textOf(page).matchAll(/^(?:#{2,6} +(.+)|\| *([^|]+?) *\|.*|[-*] +((?:\*\*|`)[^:.]+).*)$/gm)
  const names = [...lines].flatMap(found =>
    (found[1] ?? found[2] ?? found[3]).replace(/\([^)]*\)|<[^>]*>/g, '').split(/, | and |\/ ?/),
  )
  return new Set(names.map(name => /^[`*]*(@?[\w$.]+)/.exec(name)?.[1].split('.').at(-1)))
}

/** A check that the pages have an entry for each of the names. */
const complete = (what, pages, names) =>
  check(`docs/reference: ${what}`, () => {
    const entries = new Set(pages.flatMap(page => [...namesIn(page)]))
    const missing = names().filter(name => !entries.has(name))
    if (missing.length > 0) throw new Error(`${pages.join(', ')}: no entry for ${missing.join(', ')}`)
  })

const others = () => [...flaskoa.keys()].filter(name => !decorators.has(name))
const ANYWHERE = ['functions.md', 'types.md', 'options.md', 'errors.md', 'testing.md', 'events.md']

await complete('every decorator', ['decorators.md'], () => [...decorators].map(name => `@${name}`))
await complete('every other export of flaskoa', ANYWHERE, others)
await complete('every export of flaskoa/testing', ['testing.md'], () => [...exportsOf('flaskoa/testing').keys()])
await complete('every export of flaskoa/session-redis', ANYWHERE, () => [...exportsOf('flaskoa/session-redis').keys()])
await complete('every export of flaskoa/telemetry', ['testing.md'], () => [...exportsOf('flaskoa/telemetry').keys()])
await complete('every option of telemetry', ['options.md'], () =>
  propertiesOf(typeOf('TelemetryOptions', exportsOf('flaskoa/telemetry'))),
)
await complete('every export of flaskoa/openapi', ANYWHERE, () => [...exportsOf('flaskoa/openapi').keys()])
await complete('every export of flaskoa/health', ANYWHERE, () => [...exportsOf('flaskoa/health').keys()])
await complete('every option of healthBlueprint', ['options.md'], () =>
  propertiesOf(typeOf('HealthBlueprintOptions', exportsOf('flaskoa/health'))),
)
for (const [name, optionTypes] of [
  ['flaskoa/config', ['ConfigOptions']],
  ['flaskoa/static', ['StaticOptions', 'SendFileOptions']],
  ['flaskoa/templates', ['TemplatesOptions']],
  ['flaskoa/security', ['CsrfOptions']],
]) {
  await complete(`every export of ${name}`, ANYWHERE, () => [...exportsOf(name).keys()])
  for (const type of optionTypes)
    await complete(`every one of ${type}`, ['options.md'], () => propertiesOf(typeOf(type, exportsOf(name))))
}
await complete('every export of flaskoa/contract', ['decorators.md', ...ANYWHERE], () =>
  [...exportsOf('flaskoa/contract').keys()].map(name => (decorators.has(name) ? `@${name}` : name)),
)
await complete('every export of flaskoa/client', ANYWHERE, () => [...exportsOf('flaskoa/client').keys()])
for (const name of ['ClientOptions', 'RouteCallOptions']) {
  await complete(`every one of ${name}`, ['options.md'], () => propertiesOf(typeOf(name, exportsOf('flaskoa/client'))))
}
await complete('every option of openapi and openapiBlueprint', ['options.md'], () =>
  propertiesOf(typeOf('OpenApiBlueprintOptions', exportsOf('flaskoa/openapi'))),
)
for (const name of [
  ...['LifecycleOptions', 'BootstrapOptions', 'ShutdownOptions', 'SessionOptions', 'RouteOptions', 'VerbOptions'],
  ...['BlueprintOptions', 'BlueprintEntry'],
]) {
  await complete(`every one of ${name}`, ['options.md'], () => propertiesOf(typeOf(name)))
}
await complete('every option of the store for Redis', ['options.md'], () =>
  propertiesOf(typeOf('RedisSessionStoreOptions', exportsOf('flaskoa/session-redis'))),
)
await complete('every code of a SetupError', ['errors.md'], codes)
await check('docs/reference: no decorator that does not exist', () => {
  const unknown = [...namesIn('decorators.md')].filter(name => name?.startsWith('@') && !decorators.has(name.slice(1)))
  if (unknown.length > 0) throw new Error(unknown.join(', '))
})
await check('docs/reference: no code that does not exist', () => {
  const known = codes()
  const named = textOf('errors.md').match(/FLASKOA_[A-Z_]+[A-Z]/g) ?? []
  const unknown = named.filter(code => !known.includes(code) && code !== 'FLASKOA_SHORT_SECRET') // a warning's
  if (unknown.length > 0) throw new Error(unknown.join(', '))
})
summarize()
