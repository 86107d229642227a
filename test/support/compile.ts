import { transformSync as esbuild } from 'esbuild'
import { transformSync as swc, type TransformConfig } from '@swc/core'
import ts from 'typescript'
import * as flaskoa from 'flaskoa'
import type { Class } from 'flaskoa'

type Compiler = (source: string) => string

/** What users compile decorators with; swc has several dialects and, without a setting, one of its own. */
const compilers = {
  'tsc, legacy': tsc({ experimentalDecorators: true }),
  'tsc, legacy, with design:* metadata': tsc({ experimentalDecorators: true, emitDecoratorMetadata: true }),
  'tsc, standard': tsc({}),
  'esbuild, legacy': esbuildWith({ experimentalDecorators: true }),
  'esbuild, standard': esbuildWith({ experimentalDecorators: false }),
  'swc, legacy': swcWith({ legacyDecorator: true }),
  'swc, legacy, with design:* metadata': swcWith({ legacyDecorator: true, decoratorMetadata: true }),
  'swc, 2022-03': swcWith({ decoratorVersion: '2022-03' }),
  'swc, 2023-11': swcWith({ decoratorVersion: '2023-11' }),
  'swc, nothing said': swcWith({}),
} satisfies Record<string, Compiler>

export type CompilerName = keyof typeof compilers
export const compilerNames = Object.keys(compilers) as CompilerName[]

function tsc(options: ts.CompilerOptions): Compiler {
  const compilerOptions = { ...options, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS }
  return source => ts.transpileModule(source, { compilerOptions }).outputText
}

function esbuildWith(compilerOptions: { experimentalDecorators: boolean }): Compiler {
  return source =>
    esbuild(source, { loader: 'ts', format: 'cjs', target: 'es2022', tsconfigRaw: { compilerOptions } }).code
}

function swcWith(transform: TransformConfig): Compiler {
  const parser = { syntax: 'typescript', decorators: true } as const
  return source =>
    swc(source, { swcrc: false, module: { type: 'commonjs' }, jsc: { target: 'es2022', parser, transform } }).code
}

/**
 * Compiles a module and runs it.
 *
 * @param modules what it may import besides flaskoa
 * @returns the classes that it exports
 */
export function compile(
  source: string,
  compiler: CompilerName,
  modules: Readonly<Record<string, unknown>> = {},
): Record<string, Class> {
  const known: Readonly<Record<string, unknown>> = { flaskoa, ...modules }
  const compiled = { exports: {} }
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the code is the test's own
  const run = new Function('require', 'module', 'exports', compilers[compiler](source)) as (...args: unknown[]) => void
  run((name: string) => known[name], compiled, compiled.exports)
  return compiled.exports
}
