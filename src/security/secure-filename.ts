import { describe } from '../errors/describe'

/* eslint-disable no-control-regex -- they are a part of ASCII */
/** What Python's `str.split` takes for space in ASCII. */
const SPACES = /[\t-\r\x1c-\x20]+/
const NOT_ASCII = /[^\x00-\x7f]/g
/* eslint-enable no-control-regex */
const UNSAFE = /[^\w.-]/g
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i

/**
 * Makes the name of a file of what a client calls it, as Werkzeug's `secure_filename` does: ASCII letters, digits, `_`, `-` and `.` only,
 * without a dot at its beginning. It leads out of no folder. Two names may become the same.
 *
 * @example
 * secureFilename('../../My résumé.pdf') // 'My_resume.pdf'
 * @returns a name, or an empty text if nothing is left, as of `漢字`
 * @throws TypeError for what is no text
 */
export function secureFilename(name: string): string {
  if (typeof name !== 'string')
    throw new TypeError(`secureFilename(name): the name must be a text, not ${describe(name)}`)
  const isWindows = process.platform === 'win32'
  const words = name
    .normalize('NFKD')
    .replace(NOT_ASCII, '')
    .replace(isWindows ? /[/\\]/g : /\//g, ' ')
    .split(SPACES)
    .filter(word => word !== '')
  const safe = stripped(words.join('_').replace(UNSAFE, ''))
  return isWindows && WINDOWS_DEVICE.test(safe) ? `_${safe}` : safe
}

/** Without dots and underscores at its ends. Not by a regular expression, which would take quadratic time. */
function stripped(name: string): string {
  let [start, end] = [0, name.length]
  while (start < end && '._'.includes(name.charAt(start))) start++
  while (end > start && '._'.includes(name.charAt(end - 1))) end--
  return name.slice(start, end)
}
