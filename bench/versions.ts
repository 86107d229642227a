import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './build'
import type { Peer } from './peers'

const FLASK = 'from importlib.metadata import version; print(version("flask"))'

/** A server's name with its installed version, if that is known. */
export function titleWithVersion(peer: Peer): string {
  const version = versionOf(peer)
  return version === undefined ? peer.title : `${peer.title} ${version}`
}

function versionOf(peer: Peer): string | undefined {
  if (peer.python === true)
    return spawnSync('/usr/bin/python3', ['-s', '-c', FLASK], { encoding: 'utf8' }).stdout.trim()
  if (peer.name === 'node-http') return process.versions.node
  if (peer.package === undefined) return undefined
  // The version of Koa that flaskoa is built on.
  const folder = peer.package === 'koa' ? root : __dirname
  const file = join(folder, 'node_modules', peer.package, 'package.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version : undefined
}
