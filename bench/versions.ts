import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './build'
import type { Peer } from './peers'

const FLASK = 'from importlib.metadata import version; print(version("flask"))'

/** A peer's name with the version that is installed, as far as that is known. */
export function titleWithVersion(peer: Peer): string {
  const version = versionOf(peer)
  return version === undefined ? peer.title : `${peer.title} ${version}`
}

function versionOf(peer: Peer): string | undefined {
  if (peer.python === true)
    return spawnSync('/usr/bin/python3', ['-s', '-c', FLASK], { encoding: 'utf8' }).stdout.trim()
  if (peer.name === 'node-http') return process.versions.node
  if (peer.package === undefined) return undefined
  // Koa is the one that flaskoa stands on.
  const folder = peer.package === 'koa' ? root : __dirname
  const file = join(folder, 'node_modules', peer.package, 'package.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version : undefined
}
