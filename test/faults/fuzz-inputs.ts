/** What a client sends on one connection. */
export interface Input {
  /** Written one after the other, each in a turn of its own. */
  readonly pieces: readonly Buffer[]
  /** Whether the client breaks off when it has sent them, and waits for no answer. */
  readonly aborts: boolean
}

/** Numbers from 0 to 1 that depend on the seed alone (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const lines = (...all: string[]) => `${all.join('\r\n')}\r\n\r\n`

const REQUESTS = [
  lines('GET / HTTP/1.1', 'Host: localhost'),
  lines('GET /none?a=b&c[d]=%20 HTTP/1.1', 'Host: localhost', 'Accept: text/html;q=0.9, */*', 'Connection: close'),
  lines('HEAD / HTTP/1.1', 'Host: localhost', 'If-None-Match: "x"', 'Range: bytes=0-1'),
  lines('OPTIONS * HTTP/1.1', 'Host: localhost', 'Origin: null'),
  lines('GET / HTTP/1.0', 'Connection: keep-alive'),
  lines('GET http://localhost:80/ HTTP/1.1', 'Host: localhost', 'X-Forwarded-For: 1.2.3.4, ::1'),
  lines('GET / HTTP/1.1', 'Host: localhost', 'Cookie: koa.sess=eyJmb28iOiJiYXIifQ==; koa.sess.sig=x', 'Cookie: a=b'),
  lines('POST / HTTP/1.1', 'Host: localhost', 'Content-Type: application/json', 'Content-Length: 7') + '{"a":1}',
  lines('POST / HTTP/1.1', 'Host: localhost', 'Transfer-Encoding: chunked') +
    '3\r\nabc\r\n5;x=y\r\n01234\r\n0\r\nT: x\r\n\r\n',
  lines('POST / HTTP/1.1', 'Host: localhost', 'Content-Type: multipart/form-data; boundary=b', 'Content-Length: 84') +
    '--b\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nabcdefgh\r\n--b--\r\n',
  lines('PUT /a/b HTTP/1.1', 'Host: localhost', 'Expect: 100-continue', 'Content-Length: 2') + 'ab',
  lines('DELETE /%E2%82%AC HTTP/1.1', 'Host: [::1]:5000', 'Upgrade: h2c', 'Connection: Upgrade, HTTP2-Settings'),
  lines('CONNECT localhost:443 HTTP/1.1', 'Host: localhost:443'),
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0',
  'GET /\r\n',
  '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
]

/** What parsers trip over. */
const WORDS = [
  ...[
    '\0',
    '\r',
    '\n',
    '\r\n',
    '\r\n\r\n',
    '\t',
    ' ',
    ':',
    ';',
    ',',
    '=',
    '%',
    '%00',
    '%ff',
    '%2F',
    '%2e%2e/',
    '//',
    '\\',
    '?',
    '#',
  ],
  ...[
    '\xff',
    '\xc3\x28',
    '"',
    '://[',
    '@',
    '*',
    '-1',
    '0',
    '99999999999999999999',
    '0x10',
    '1e3',
    'HTTP/0.9',
    'HTTP/2.0',
    'HTTP/9.9',
  ],
  ...[
    'Host: a\r\n',
    'Content-Length: 5\r\n',
    'Content-Length: 0\r\n',
    'Transfer-Encoding: chunked\r\n',
    'Transfer-Encoding: x\r\n',
  ],
  ...[
    'Connection: close\r\n',
    'Connection: keep-alive\r\n',
    'Expect: 100-continue\r\n',
    'Expect: x\r\n',
    ' folded\r\n',
    ': x\r\n',
  ],
  ...[
    'Cookie: koa.sess=e30=; koa.sess=x;;=;\r\n',
    '__proto__: x\r\n',
    'ffffffffffffffff\r\n',
    '0\r\n\r\n',
    '7;a="\r\n',
  ],
  ...[
    'GET ',
    'get ',
    'POST ',
    'TRACE ',
    'M-SEARCH ',
    '__proto__',
    'constructor',
    'http://[::1',
    'http://',
    'A'.repeat(300),
  ],
]

/** Inputs that depend on the seed alone: valid requests, most of them broken in one place or several. */
export class Inputs {
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = randomFrom(seed)
  }

  next(): Input {
    let bytes: Buffer = Buffer.concat(
      Array.from({ length: this.#below(8) === 0 ? 2 + this.#below(4) : 1 }, () => this.#request()),
    )
    for (let count = this.#below(5); count > 0; count--) bytes = this.#mutated(bytes)
    const aborts = this.#below(10) === 0
    if (aborts) bytes = bytes.subarray(0, this.#below(bytes.length + 1))
    return { pieces: this.#pieces(bytes), aborts }
  }

  #mutated(bytes: Buffer): Buffer {
    const at = this.#below(bytes.length + 1)
    const end = Math.min(bytes.length, at + this.#below(40))
    const [before, rest, after] = [bytes.subarray(0, at), bytes.subarray(at), bytes.subarray(end)]
    switch (this.#below(9)) {
      case 0:
        return this.#withBitFlipped(bytes)
      case 1:
        return before
      case 2:
        return Buffer.concat([before, after])
      case 3:
        return Buffer.concat([before, bytes.subarray(at, end), rest])
      case 4:
        return Buffer.concat([before, this.#request().subarray(this.#below(60))])
      case 5:
        return Buffer.concat([
          before,
          Buffer.from(Array.from({ length: 1 + this.#below(20) }, () => this.#below(256))),
          rest,
        ])
      case 6:
        return Buffer.concat([before, Buffer.alloc(this.#below(20_000), this.#word()), rest])
      default:
        return Buffer.concat([before, this.#word(), this.#below(2) === 0 ? rest : after])
    }
  }

  #withBitFlipped(bytes: Buffer): Buffer {
    const flipped = Buffer.from(bytes)
    const at = this.#below(bytes.length)
    if (at < flipped.length) flipped[at] = (flipped[at] as number) ^ (1 << this.#below(8))
    return flipped
  }

  #pieces(bytes: Buffer): Buffer[] {
    if (this.#below(4) > 0) return [bytes]
    const cuts = [0, ...Array.from({ length: 1 + this.#below(3) }, () => this.#below(bytes.length + 1)), bytes.length]
    cuts.sort((a, b) => a - b)
    return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end))
  }

  #request = (): Buffer => this.#anyOf(REQUESTS)
  #word = (): Buffer => this.#anyOf(WORDS)

  #anyOf(texts: readonly string[]): Buffer {
    return Buffer.from(texts[this.#below(texts.length)] as string, 'latin1')
  }

  /** A whole number from 0 up to but not `limit`. */
  #below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }
}
