// Compiles test/types and the project with every compiler in both decorator dialects. For test/types/refuse.ts it also
// checks the messages: the compiler's message for a line must contain the text after the `@ts-expect-error` above it.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const compilers = ['typescript-5.9', 'typescript', 'typescript-7']
const projects = { legacy: 'test/tsconfig.legacy.json', standard: 'tsconfig.json' }
const refused = readFileSync(join(root, 'test/types/refuse.ts'), 'utf8')

const scratch = mkdtempSync(join(tmpdir(), 'flaskoa-types-'))
try {
  for (const compiler of compilers) Object.keys(projects).forEach(dialect => check(compiler, dialect))
} finally {
  rmSync(scratch, { recursive: true })
}

/** Prints one line, and the problems below it. */
function check(compiler, dialect) {
  const types = tsc(compiler, join(root, `test/types/tsconfig.${dialect}.json`))
  const project = tsc(compiler, join(root, projects[dialect]))
  const problems = [...types, ...project, ...wrongMessages(compiler, dialect)]
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

/** Compiles refuse.ts without its `@ts-expect-error`s, in a directory of its own, and compares the messages. */
function wrongMessages(compiler, dialect) {
  const config = {
    extends: join(root, `test/types/tsconfig.${dialect}.json`),
    compilerOptions: { typeRoots: [join(root, 'node_modules/@types')] },
    files: ['refuse.ts', join(root, 'test/types/accept.ts')], // accept.ts has the declarations that are merged
    include: [],
  }
  writeFileSync(join(scratch, 'tsconfig.json'), JSON.stringify(config))
  writeFileSync(join(scratch, 'refuse.ts'), refused.replaceAll('@ts-expect-error', 'expected:'))
  const said = tsc(compiler, scratch)
  return expectations(dialect).flatMap(({ line, text }) => {
    const messages = said.filter(message => message.includes(`refuse.ts(${line},`))
    if (messages.some(message => message.includes(text))) return []
    return [
      `refuse.ts(${line}): expected "${text}", but the compiler says:`,
      ...(messages.length ? messages : ['nothing']),
    ]
  })
}

/** The expected text for each line; `legacy ~ standard` where the dialects differ. */
function expectations(dialect) {
  return refused.split(/\r?\n/).flatMap((comment, index) => {
    const wanted = /^\s*\/\/ @ts-expect-error (.+)$/.exec(comment)?.[1]?.split(' ~ ')
    if (wanted === undefined) return []
    return [{ line: index + 2, text: dialect === 'legacy' ? wanted[0] : wanted.at(-1) }]
  })
}
