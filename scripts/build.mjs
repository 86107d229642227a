// `npm run build`: dist/, or the directory that is given.
import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { bundle } from './bundle.mjs'
import { root, run } from './checks.mjs'

const directory = resolve(process.argv[2] ?? join(root, 'dist'))

// First removes the last build, so that a file deleted from src never ships.
rmSync(directory, { recursive: true, force: true })
const tsc = join(root, 'node_modules/typescript/bin/tsc')
const options = ['-p', join(root, 'tsconfig.build.json'), '--emitDeclarationOnly', '--outDir', directory]
try {
  run(process.execPath, [tsc, ...options])
  await bundle(directory)
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
