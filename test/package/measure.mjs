import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** The packages of a `node_modules` directory, the largest first, with the bytes of their files. */
export function installedPackages(directory) {
  return packagesIn(directory).sort((a, b) => b.bytes - a.bytes)
}

/** `prefix` says where the packages are, as `@types/` or `accepts/node_modules/`. */
function packagesIn(modules, prefix = '') {
  return directoriesIn(modules).flatMap(entry => {
    const directory = join(modules, entry)
    const name = prefix + entry
    // A directory of a scope, such as @types, holds packages. `.bin` and the like hold none.
    if (entry.startsWith('@')) return packagesIn(directory, `${name}/`)
    if (!existsSync(join(directory, 'package.json'))) return []
    const nested = packagesIn(join(directory, 'node_modules'), `${name}/node_modules/`)
    return [{ name, bytes: bytesIn(directory) }, ...nested]
  })
}

/** Packages that are installed inside of this one count for themselves. */
function bytesIn(directory) {
  const files = readdirSync(directory, { withFileTypes: true }).filter(entry => entry.isFile())
  const own = files.reduce((sum, { name }) => sum + statSync(join(directory, name)).size, 0)
  const below = directoriesIn(directory).filter(name => name !== 'node_modules')
  return below.reduce((sum, name) => sum + bytesIn(join(directory, name)), own)
}

function directoriesIn(directory) {
  if (!existsSync(directory)) return []
  const entries = readdirSync(directory, { withFileTypes: true })
  return entries.filter(entry => entry.isDirectory()).map(({ name }) => name)
}
