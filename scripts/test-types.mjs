// Compiles test/types and the project with every compiler in both decorator dialects. For test/types/refuse*.ts it also
// checks the messages: the compiler's message for a line must contain the text after the `@ts-expect-error` above it. The
// decorators that a module exports must have declarations.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const compilers = ['typescript-5.9', 'typescript', 'typescript-7']
const projects = { legacy: 'test/tsconfig.legacy.json', standard: 'tsconfig.json' }
const refused = readdirSync(join(root, 'test/types'))
  .filter(name => /^refuse.*\.ts$/.test(name))
  .map(name => ({ name, source: readFileSync(join(root, 'test/types', name), 'utf8') }))

/** A module that uses decorators by their declarations. */
const IMPORTING = `import type { ArgsOf } from 'flaskoa'
import { createPost } from './emitted/test/types/exported'
export class Posts {
  @createPost create({ id, body, query }: ArgsOf<typeof createPost>) {
    return { id: id + query.page, name: body.name }
  }
}
`

const scratch = mkdtempSync(join(tmpdir(), 'flaskoa-types-'))
symlinkSync(join(root, 'node_modules'), join(scratch, 'node_modules'), 'junction')
copyFileSync(join(root, 'test/types/schemas.ts'), join(scratch, 'schemas.ts'))
for (const { name, source } of refused) {
  writeFileSync(join(scratch, name), source.replaceAll('@ts-expect-error', 'expected:'))
}

try {
  for (const compiler of compilers) Object.keys(projects).forEach(dialect => check(compiler, dialect))
} finally {
  rmSync(scratch, { recursive: true })
}

/** Prints one line, and the problems below it. */
function check(compiler, dialect) {
  const types = tsc(compiler, join(root, `test/types/tsconfig.${dialect}.json`))
  const project = tsc(compiler, join(root, projects[dialect]))
  const problems = [...types, ...project, ...wrongMessages(compiler, dialect), ...declarations(compiler, dialect)]
  console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${compiler} ${dialect}`)
  for (const problem of problems) console.log(problem)
  if (problems.length > 0) process.exitCode = 1
}

/** The compiler's errors, one text for each; empty if there are none. */
function tsc(compiler, project) {
  const bin = join(root, 'node_modules', compiler, 'bin', 'tsc')
  const args = [bin, '--pretty', 'false', '-p', project]
  const { status, stdout, stderr, error } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  if (status === 0) return []
  return `${stdout}${stderr}${error ?? ''}`.trimEnd().split(/\r?\n(?! )/) // the lines that belong to an error are indented
}

/** Compiles the files without their `@ts-expect-error`s, in a directory of its own, and compares the messages. */
function wrongMessages(compiler, dialect) {
  // accept.ts has the declarations that are merged
  writeConfig(dialect, [...refused.map(({ name }) => name), join(root, 'test/types/accept.ts')])
  const said = tsc(compiler, scratch)
  return refused.flatMap(({ name, source }) =>
    expectations(source, dialect).flatMap(({ line, text }) => {
      const messages = said.filter(message => message.includes(`${name}(${line},`))
      if (messages.some(message => message.includes(text))) return []
      return [
        `${name}(${line}): expected "${text}", but the compiler says:`,
        ...(messages.length ? messages : ['nothing']),
      ]
    }),
  )
}

/** Emits the declarations of a module that exports decorators, and compiles a module that imports these. */
function declarations(compiler, dialect) {
  const emit = { declaration: true, emitDeclarationOnly: true, noEmit: false, rootDir: root, outDir: 'emitted' }
  writeConfig(dialect, [join(root, 'test/types/exported.ts')], emit)
  const problems = tsc(compiler, scratch)
  if (problems.length > 0) return problems
  writeFileSync(join(scratch, 'importing.ts'), IMPORTING)
  writeConfig(dialect, ['importing.ts'])
  return tsc(compiler, scratch)
}

function writeConfig(dialect, files, options) {
  const compilerOptions = { typeRoots: [join(root, 'node_modules/@types')], ...options }
  const config = { extends: join(root, `test/types/tsconfig.${dialect}.json`), compilerOptions, files, include: [] }
  writeFileSync(join(scratch, 'tsconfig.json'), JSON.stringify(config))
}

/** The expected text for each line; `legacy ~ standard` where the dialects differ. */
function expectations(source, dialect) {
  return source.split(/\r?\n/).flatMap((comment, index) => {
    const wanted = /^\s*\/\/ @ts-expect-error (.+)$/.exec(comment)?.[1]?.split(' ~ ')
    if (wanted === undefined) return []
    return [{ line: index + 2, text: dialect === 'legacy' ? wanted[0] : wanted.at(-1) }]
  })
}
