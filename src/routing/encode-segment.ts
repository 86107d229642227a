/** Percent-encodes a text, except the characters that RFC 3986 allows in a segment of a path. */
export function encodeSegment(text: string): string {
  return encodeURIComponent(text).replace(/%(?:24|2B|2C|3A|3B)/g, decodeURIComponent)
}
