import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import ts from 'typescript'

export const root = resolve(__dirname, '..')
const sources = join(__dirname, 'servers')
export const built = join(__dirname, 'build')

/** The compiled flaskoa that is measured. */
export const dist = resolve(__dirname, process.env.FLASKOA_DIST ?? '../dist')

/**
 * Compiles flaskoa's sources (FLASKOA_DIST names a build to measure instead) and the servers. Each server file is compiled by
 * itself, without the types of the other frameworks, so that the guard runs where they are not installed.
 */
export function build(): void {
  if (process.env.FLASKOA_DIST === undefined) run('npm', ['run', '--silent', 'build'])
  const { config } = ts.readConfigFile(join(sources, 'tsconfig.json'), ts.sys.readFile.bind(ts.sys)) as {
    config: object
  }
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, sources)
  const compilerOptions = { ...options, noEmit: false, module: ts.ModuleKind.Node20 }
  mkdirSync(built, { recursive: true })
  for (const name of readdirSync(sources).filter(file => file.endsWith('.ts'))) {
    const fileName = join(sources, name)
    const { outputText } = ts.transpileModule(readFileSync(fileName, 'utf8'), { compilerOptions, fileName })
    writeFileSync(join(built, name.replace(/\.ts$/, '.js')), outputText)
  }
}

function run(program: string, args: string[]): void {
  const { status } = spawnSync(program, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed`)
}
