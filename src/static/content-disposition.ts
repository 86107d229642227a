/** What no name of a file can have, or what would be read as a folder. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const NOT_IN_NAMES = /[\x00-\x1f\x7f-\x9f/\\]/g

/** What percent-encoding leaves as it is and a parameter of a field can't have (RFC 8187, 3.2.1). */
const RESERVED = /['()*]/g

/**
 * The field `Content-Disposition` that has a browser save the response under a name (RFC 6266). A name that is not plain ASCII is
 * in it twice: clients that do not know `filename*` take one of similar letters.
 */
export function attachment(filename: string): string {
  // Half of a pair of surrogates is no character, and can't be encoded.
  const name = filename.replace(/\p{Cs}/gu, '\ufffd').replace(NOT_IN_NAMES, '_')
  const plain = plainOf(name)
  const encoded = encodeURIComponent(name).replace(RESERVED, character => `%${character.charCodeAt(0).toString(16)}`)
  return `attachment; filename="${plain}"${plain === name ? '' : `; filename*=UTF-8''${encoded}`}`
}

/** `é"%.txt` → `e__.txt`: some clients decode escapes in a name, and some do not know how a quote is escaped. */
const plainOf = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^ !#$&-~]/g, '_')
