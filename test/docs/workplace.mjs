// A folder as a user's project has it: flaskoa, built, in its node_modules, and the example programs beside it.
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundle } from '../../scripts/bundle.mjs'
import { root, run } from '../../scripts/checks.mjs'

/** Makes the folder, outside of the repository, so that `flaskoa` is found in it and nowhere else. */
export async function makeWorkplace() {
  const outer = realpathSync(mkdtempSync(join(tmpdir(), 'flaskoa-docs-')))
  const remove = () => rmSync(outer, { recursive: true, force: true })
  try {
    return { site: await fill(outer), remove }
  } catch (error) {
    remove()
    throw error
  }
}

async function fill(outer) {
  const site = join(outer, 'site')
  const flaskoa = join(site, 'node_modules/flaskoa')
  mkdirSync(flaskoa, { recursive: true })
  // What examples and flaskoa itself import besides: the repository's.
  symlinkSync(realpathSync(join(root, 'node_modules')), join(outer, 'node_modules'), 'junction')
  copyFileSync(join(root, 'package.json'), join(flaskoa, 'package.json'))
  copyFileSync(join(import.meta.dirname, 'given.d.ts'), join(site, 'given.d.ts'))
  writeFileSync(join(site, 'package.json'), '{ "type": "module" }')
  const dist = join(flaskoa, 'dist')
  // The native compiler: the same output, ten seconds earlier.
  const tsc = join(root, 'node_modules/typescript-7/bin/tsc')
  run(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), '--emitDeclarationOnly', '--outDir', dist])
  await bundle(dist)
  return site
}
