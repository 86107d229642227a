// The supported versions of Node, which come from the npm registry.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { npm } from './checks.mjs'

export const nodeVersions = [20, 22, 24]

/**
 * Installs one version in a folder and returns the path of the program. The package of the program: the package `node` installs
 * it by a script, and npm may be configured not to run scripts.
 */
export function installNode(version, folder) {
  const { platform, arch } = process
  const prefix = platform === 'darwin' && arch === 'arm64' ? 'node-bin' : 'node'
  const name = `${prefix}-${platform === 'win32' ? 'win' : platform}-${arch}`
  const directory = join(folder, `node-${version}`)
  mkdirSync(directory)
  npm(['install', '--prefix', directory, '--prefer-offline', '--no-audit', '--no-fund', `${name}@${version}`])
  return join(directory, 'node_modules', name, 'bin', platform === 'win32' ? 'node.exe' : 'node')
}
