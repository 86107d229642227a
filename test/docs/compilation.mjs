// Compiles the examples, many in one program: a program for each example would take minutes.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'

export const DIALECTS = ['standard', 'legacy']

/** The strictest options that users have, so that examples compile with theirs. */
const optionsFor = (dialect, site) => ({
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  isolatedModules: true,
  verbatimModuleSyntax: true,
  experimentalDecorators: dialect === 'legacy',
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  moduleDetection: ts.ModuleDetectionKind.Force,
  types: ['node'],
  typeRoots: [join(dirname(site), 'node_modules/@types')],
  skipLibCheck: true,
})

/** The names that flaskoa exports: fragments have them without an import. */
function exportsOf(site) {
  const index = join(site, 'node_modules/flaskoa/dist/index.d.ts')
  const program = ts.createProgram([index], optionsFor('standard', site))
  const checker = program.getTypeChecker()
  return checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(index))).map(symbol => {
    const { flags } = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    return { name: symbol.name, isType: (flags & ts.SymbolFlags.Value) === 0 }
  })
}

/** A fragment as a module: in a class if it has members, with an import of the names that it uses and does not import. */
function asModule(code, place, exported) {
  const imports = code.match(/^import [^]*?from '[^']+'\n/gm) ?? []
  const body = imports.reduce((rest, each) => rest.replace(each, ''), code)
  const uses = (text, name) => new RegExp(`(?<![.\\w$])${name}\\b`).test(text)
  const wanted = exported.filter(({ name }) => uses(body, name) && !imports.some(each => uses(each, name)))
  const names = wanted.map(({ name, isType }) => `${isType ? 'type ' : ''}${name}`)
  const statements = place === 'class' ? `class Example {\n${body}}\nvoid Example\n` : body
  return `import { ${names.join(', ')} } from 'flaskoa'\n${imports.join('')}${statements}`
}

/**
 * Which examples may share a program. What `declare module 'flaskoa'` says holds for a whole program, so examples share one
 * when they say the same; files of a page that import each other are one program, and so are all fragments.
 */
function programKey({ page, code, options }) {
  if (options.in !== undefined) return 'fragments'
  if (options.file !== undefined || /from '\.\.?\//.test(code)) return `files of ${page}`
  return (code.match(/^declare module 'flaskoa' \{[^]*?^\}/gm) ?? []).join('\n').replace(/\s+/g, ' ')
}

/**
 * Compiles all examples in one dialect.
 *
 * @returns for each example its JavaScript file and the compiler's messages
 */
export function compile(examples, dialect, site) {
  const exported = exportsOf(site)
  const options = optionsFor(dialect, site)
  const host = cachingHost(options)
  const results = new Map()
  for (const group of Object.values(grouped(examples))) {
    const files = group.map(example => write(example, dialect, site, exported))
    const given = group[0].options.in === undefined ? [] : [join(site, 'given.d.ts')]
    const program = ts.createProgram([...files, ...given], options, host)
    const general = [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()]
    group.forEach((example, index) => {
      const source = program.getSourceFile(files[index])
      const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
      if (found.length === 0) program.emit(source)
      const messages = [...general, ...found].map(({ messageText }) =>
        ts.flattenDiagnosticMessageText(messageText, ' '),
      )
      results.set(example, { file: files[index].replace(/\.ts$/, '.js'), messages })
    })
  }
  return results
}

function grouped(examples) {
  const groups = {}
  for (const example of examples) (groups[programKey(example)] ??= []).push(example)
  return groups
}

function write({ page, line, code, options }, dialect, site, exported) {
  const file = join(site, dialect, page.replace(/\W+/g, '-'), options.file ?? `line-${line}.ts`)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, options.in === undefined ? code : asModule(code, options.in, exported))
  return file
}

/** Each file is read and parsed once for all programs. */
function cachingHost(options) {
  const host = ts.createCompilerHost(options)
  const { getSourceFile } = host
  const files = new Map()
  host.getSourceFile = (name, ...rest) => {
    if (!files.has(name)) files.set(name, getSourceFile.call(host, name, ...rest))
    return files.get(name)
  }
  return host
}
