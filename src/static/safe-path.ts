import { realpath } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { unlessMissing } from './missing'

/** What Windows opens in the place of a file: devices, with any ending, and streams of a file. */
const WINDOWS_NAME = /^(?:con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³]|conin\$|conout\$)(?:\.|$)|:|[. ]$/i

/** Whether a name that a client sent is that of a file inside of a folder, and none that is hidden. */
export function isSafe(filename: string): boolean {
  return filename.split('/').every(isSafeSegment)
}

/** A backslash separates folders on Windows only, but no file that is to be served has one in its name. */
function isSafeSegment(segment: string): boolean {
  if (segment === '' || segment.startsWith('.') || segment.includes('\\') || segment.includes('\0')) return false
  return process.platform !== 'win32' || !WINDOWS_NAME.test(segment)
}

/**
 * The path of a file in a folder, without links.
 *
 * @returns `undefined` if there is no such file, or if a part of its name or of its real path is hidden or leads out of the folder
 */
export async function pathWithin(folder: string, filename: string): Promise<string | undefined> {
  if (!isSafe(filename)) return undefined
  const [root, path] = await Promise.all([
    unlessMissing(realpath(folder)),
    unlessMissing(realpath(join(folder, filename))),
  ])
  if (root === undefined || path === undefined) return undefined
  return isSafe(relative(root, path).replaceAll(sep, '/')) ? path : undefined
}
