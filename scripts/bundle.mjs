// Makes the JavaScript of dist/ from src/. Each module is in exactly one file of dist/, so that a process has one
// AsyncLocalStorage and one copy of the metadata, and `instanceof` holds across the subpaths:
//
// - index.js: all that the main entry needs. Node takes longer to find and open 200 files than to run their code.
// - shared.js: what the entries for browsers have in common with the server.
// - one file for each subpath: what only that subpath needs.
// - one file for each of LATE: what index.js loads when it is first used.
// - cli/main.js, the command: what it alone needs. Its modules that a subpath needs as well are in a file of that subpath,
//   testing/shared.js for instance, so that the command makes index.js no larger.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, posix, relative, sep } from 'node:path'
import { build } from 'esbuild'
import { root } from './checks.mjs'

const MAIN = 'src/index.ts'
/** The command. It is started by its file, and not when a test imports the module. */
const COMMAND = 'src/cli/main.ts'
/** Their files, and shared.js, do without Node's modules and without packages. */
const FOR_BROWSERS = ['src/client/index.ts', 'src/contract/index.ts']

/** Modules that others load by `require`. What only they need is in a file of their own, which is in no `exports`. */
const LATE = ['src/devtools/page.ts']

/** Where the files will be in the package: source maps name the modules as seen from there. */
const DIST = join(root, 'dist')
const SERVER = 'index.js'
const SHARED = 'shared.js'
/** The property of index.js with the modules that subpaths borrow. */
const MODULES = '~modules'

const common = {
  absWorkingDir: root,
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20',
  logLevel: 'silent',
}

/** Writes the files into a directory. Throws an error if a module would have no file or two. */
export async function bundle(directory) {
  const { fileOf, crossing, files } = await layout()
  const names = await namesIn([MAIN, ...crossing])
  const isIn = file => module => fileOf(module) === file
  const lent = [SHARED, ...files.filter(file => file.endsWith(`/${SHARED}`))]
  const sources = new Map([
    ...lent.map(file => [file, lending(crossing.filter(isIn(file)))]),
    [SERVER, lending([MAIN, ...crossing.filter(isIn(SERVER))])],
    ...[...subpaths(), ...LATE].map(entry => [outputOf(entry), `export * from './${entry}'`]),
    [outputOf(COMMAND), `import { start } from './${COMMAND}'\nvoid start(process)`],
  ])
  const made = await Promise.all([...sources].map(([file, source]) => compile(file, source, { fileOf, names })))
  assertOnce(made.map(({ metafile }) => metafile))
  for (const { path, text } of made.flatMap(({ outputFiles }) => outputFiles)) {
    write(join(directory, relative(DIST, path)), path.endsWith('.js') ? withClassNames(text) : text)
  }
  chmodSync(join(directory, outputOf(COMMAND)), 0o755)
}

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/** The modules behind the names in `exports` of package.json, without the main one. */
function subpaths() {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const outputs = Object.values(exports).flatMap(({ default: output }) => output ?? [])
  return outputs.map(output => output.replace(/^\.\/dist\/(.*)\.js$/, 'src/$1.ts')).filter(entry => entry !== MAIN)
}

const outputOf = entry => entry.replace(/^src\/(.*)\.ts$/, '$1.js')

/** Says which file each module is in, and which modules are imported by modules of other files. */
async function layout() {
  const entryPoints = [MAIN, ...subpaths(), COMMAND, ...LATE]
  const options = { write: false, outdir: '.', metafile: true, plugins: [late(SERVER)] }
  const { metafile } = await build({ ...common, ...options, entryPoints })
  const users = new Map()
  for (const { entryPoint, inputs } of Object.values(metafile.outputs)) {
    for (const module of contained(inputs)) users.set(module, [...(users.get(module) ?? []), entryPoint])
  }
  const files = new Map([...users].map(([module, itsUsers]) => [module, chosenFile(module, itsUsers)]))
  const fileOf = module => files.get(module)
  const crossing = [...files.keys()].flatMap(module =>
    metafile.inputs[module].imports
      .map(({ path }) => path)
      .filter(path => files.has(path) && fileOf(path) !== fileOf(module)),
  )
  return { fileOf, crossing: [...new Set(crossing)].sort(), files: [...new Set(files.values())] }
}

/** Types alone leave nothing in a file. */
const contained = inputs => Object.keys(inputs).filter(module => inputs[module].bytesInOutput > 0)

function chosenFile(module, users) {
  if (users.length === 1) return users[0] === MAIN ? SERVER : outputOf(users[0])
  if (users.some(user => FOR_BROWSERS.includes(user))) return SHARED
  if (users.includes(MAIN)) return SERVER
  const [subpath = users.find(user => LATE.includes(user)), ...others] = users.filter(
    user => user !== COMMAND && !LATE.includes(user),
  )
  if (others.length === 0) return posix.join(posix.dirname(outputOf(subpath)), SHARED)
  throw new Error(`${module} would be copied: ${users.join(' and ')} need it, and ${MAIN} does not.`)
}

/** The names that each module exports, without those of types. */
async function namesIn(modules) {
  const options = { ...common, format: 'esm', write: false, outdir: '.', metafile: true, plugins: [late(SERVER)] }
  const { metafile } = await build({ ...options, entryPoints: modules })
  return new Map(Object.values(metafile.outputs).map(({ entryPoint, exports }) => [entryPoint, exports]))
}

/** The source of a file whose modules other files borrow: it exports each module as an object. */
const lending = modules => modules.map(module => `export * as '${module}' from './${module}'`).join('\n')

async function compile(file, source, { fileOf, names }) {
  const result = await build({
    ...common,
    stdin: { contents: source, resolveDir: root, sourcefile: `${file}, its exports` },
    format: 'cjs',
    banner: { js: file === outputOf(COMMAND) ? "#!/usr/bin/env node\n'use strict'" : "'use strict'" },
    outfile: join(DIST, file),
    sourcemap: true,
    // The lines of src/ are enough for stack traces. With their text the package would be half as large again.
    sourcesContent: false,
    write: false,
    metafile: true,
    plugins: [late(file), borrowing(file, fileOf, names), defaults],
    // 'neutral': without esbuild's list of names for Node, which would be of the modules.
    ...(file === SERVER && { platform: 'neutral', footer: { js: publicNames(names.get(MAIN)) } }),
  })
  if (file === SHARED || FOR_BROWSERS.some(entry => outputOf(entry) === file)) assertForBrowsers(file, result.metafile)
  return result
}

/** The `require` of a module of LATE stays one, of that module's file. */
const late = file => ({
  name: 'late',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path, resolveDir, kind }) => {
      const module = moduleAt(join(resolveDir, path))
      return kind === 'require-call' && LATE.includes(module)
        ? { path: pathTo(outputOf(module), file), external: true }
        : undefined
    })
  },
})

/** How one file of dist/ requires another. */
const pathTo = (output, file) => posix.relative(posix.dirname(file), output).replace(/^(?!\.)/, './')

/** A module of another file is taken from that file, name by name, so that a use of it is not a look-up in an object. */
const borrowing = (file, fileOf, names) => ({
  name: 'borrowing',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\./, namespace: 'borrowed' }, ({ path }) => ({ path, external: true }))
    onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
      const module = moduleAt(join(resolveDir, path))
      const isBorrowed = module !== undefined && ![file, undefined].includes(fileOf(module))
      return isBorrowed ? { path: module, namespace: 'borrowed' } : undefined
    })
    onLoad({ filter: /^/, namespace: 'borrowed' }, ({ path: module }) => {
      const list = names.get(module).join(', ')
      const modules = `require('${pathTo(fileOf(module), file)}')${fileOf(module) === SERVER ? `['${MODULES}']` : ''}`
      return { contents: `const { ${list} } = ${modules}['${module}']\nexport { ${list} }` }
    })
  },
})

/**
 * Packages of which src/ imports only the default export. esbuild would copy all properties of the package for each module that
 * imports it, which takes a tenth of the time that index.js takes to load.
 */
const defaults = {
  name: 'defaults',
  setup({ onResolve, onLoad }) {
    const filter = /^(?:cookies|escape-html|http-errors|koa|koa-compose|on-finished|statuses)$/
    onResolve({ filter, namespace: 'file' }, ({ path }) => ({ path, namespace: 'default' }))
    onLoad({ filter, namespace: 'default' }, ({ path }) => ({
      contents: `const found = require('${path}')\nexport default found.__esModule ? found.default : found`,
    }))
    onResolve({ filter, namespace: 'default' }, ({ path }) => ({ path, external: true }))
  },
}

/** The module that an import of a path means, as a path in the repository. */
function moduleAt(path) {
  const found = [`${path}.ts`, join(path, 'index.ts')].find(candidate => existsSync(candidate))
  return found && relative(root, found).replaceAll(sep, '/')
}

function assertForBrowsers(file, { outputs }) {
  const foreign = Object.values(outputs).flatMap(({ imports }) => imports.map(({ path }) => path))
  const wrong = foreign.filter(path => !path.endsWith(SHARED))
  if (wrong.length > 0) throw new Error(`${file} is for browsers too, and would need ${wrong.join(', ')}.`)
}

function assertOnce(metafiles) {
  const seen = new Set()
  const outputs = metafiles.flatMap(metafile => Object.values(metafile.outputs))
  for (const module of outputs.flatMap(({ inputs }) => contained(inputs)).filter(path => path.startsWith('src/'))) {
    if (seen.has(module)) throw new Error(`${module} would be in two files of dist/.`)
    seen.add(module)
  }
}

/**
 * esbuild names a class that refers to itself `_Name` or `Name2`, which stack traces and `console.log` would show. Here it gets its
 * name back, with spaces for what is left out, so that the source map holds.
 */
function withClassNames(code) {
  const named = code.replace(/ = class (_?([A-Za-z]+)\d*) [^]*?\n};/g, (text, renamed, name) =>
    text.replace(new RegExp(`\\b${renamed}\\b`, 'g'), name.padEnd(renamed.length)),
  )
  // Two modules use the name, if only for an import: that one can be renamed by `as`.
  const [, renamed] = /^var (\w+\d) = class /m.exec(named) ?? []
  if (renamed)
    throw new Error(`A class would be called ${renamed} in dist/, because its name is used in another module too.`)
  return named
}

/**
 * The end of index.js: what users import. They are assignments, because Node reads those, without running them, to find the names
 * for `import { … }`. The subpaths have the modules from a property that is hidden from users, and from Node by `defineProperties`.
 */
const publicNames = names => `
{
  const modules = module.exports
  module.exports = exports
  Object.defineProperty(exports, '__esModule', { value: true })
  Object.defineProperties(exports, { '${MODULES}': { value: modules } })
  const flaskoa = modules['${MAIN}']
${names.map(name => `  exports.${name} = flaskoa.${name}`).join('\n')}
}`
