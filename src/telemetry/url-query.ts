/** The parameters of signed URLs, which the semantic conventions name. */
const SIGNATURES: readonly string[] = [
  'AWSAccessKeyId',
  'Signature',
  'sig',
  'X-Goog-Signature',
  'X-Amz-Credential',
  'X-Amz-Security-Token',
  'X-Amz-Signature',
]

/** Returns what replaces the values of secret parameters in the query of a URL. The rest of the query stays as it was sent. */
export function queryRedaction(more: readonly string[]): (query: string) => string {
  const secrets = new Set([...SIGNATURES, ...more])
  const redactPair = (pair: string) => {
    const name = pair.split('=', 1)[0] as string
    return name !== pair && secrets.has(decoded(name)) ? `${name}=REDACTED` : pair
  }
  return query => query.split('&').map(redactPair).join('&')
}

/** As URLSearchParams read it, also if it is not well formed. */
function decoded(name: string): string {
  const [key] = new URLSearchParams(name).keys()
  return key ?? name
}
