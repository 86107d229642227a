import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { npm, root } from '../../scripts/checks.mjs'

/** Builds and packs flaskoa into a directory. */
export function packFlaskoa(directory) {
  // `foreground-scripts` would print the build's output among the JSON.
  const printed = npm(['pack', '--json', '--foreground-scripts=false', '--pack-destination', directory])
  const [packed] = Object.values(JSON.parse(printed))
  return { tarball: join(directory, packed.filename), files: packed.files.map(file => file.path) }
}

/** Builds and packs flaskoa and installs it in a directory as a user would, beside the files of `consumer/`. */
export function installPackage(directory) {
  cpSync(join(root, 'test/package/consumer'), directory, { recursive: true })
  const packed = packFlaskoa(directory)
  writeFileSync(join(directory, 'package.json'), '{ "name": "consumer", "version": "1.0.0", "private": true }')
  npm(['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', packed.tarball], directory)
  return packed
}

/**
 * The same, beside the files of a folder of this repository and other packages.
 *
 * @param names of packages in the versions of this repository
 */
export function installWith(directory, folder, names, others = []) {
  installPackage(directory)
  cpSync(join(root, folder), directory, { recursive: true })
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const versions = names.map(name => `${name}@${devDependencies[name]}`)
  const options = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund']
  npm(['install', ...options, ...others, ...versions], directory)
  return directory
}
