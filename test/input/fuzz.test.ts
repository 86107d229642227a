import { bootstrap, Post, type Context } from 'flaskoa'
import fc from 'fast-check'
import { BOUNDARY, MULTIPART, multipart, part } from '../support/multipart'
import { sendHttp1 } from '../support/send'
import { serve } from '../support/serve'
import { filesLeft } from '../support/uploads'

// Multipart bodies that are broken at random: each is answered, and no file is left.

class App {
  @Post('/form') async form({ request }: Context) {
    return [(await request.form()).files.size]
  }
  @Post('/parts') async parts({ request }: Context) {
    let count = 0
    for await (const { stream } of request.parts()) if (count++ % 2 === 0) await stream?.toArray()
    return [count]
  }
}

const WORDS = [
  ...[
    '\r\n',
    '\r',
    '\n',
    '--',
    `--${BOUNDARY}`,
    `\r\n--${BOUNDARY}--`,
    '\r\n\r\n',
    ';',
    '"',
    '\\',
    '=',
    '*',
    "''",
    '\0',
    ':',
  ],
  ...['Content-Disposition: form-data', 'Content-Type: multipart/mixed; boundary=b', 'charset=utf-16le', 'filename*='],
  'A'.repeat(70_000),
]

const WHOLE = multipart([
  ...[part('a', 'x'), part('f', 'y'.repeat(100_000), 'n.txt'), part('g', '', ''), part('h', 'z'.repeat(3000), 'm')],
])

/** One place of the body, where bytes go and others come. Most often in a head. */
const change = fc.record({
  at: fc.oneof(fc.nat(300), fc.nat(WHOLE.length)),
  removed: fc.nat(40),
  word: fc.constantFrom('', ...WORDS),
})

test('every broken form is answered', async () => {
  const bodies = fc
    .sample(fc.array(change, { minLength: 1, maxLength: 3 }), { seed: 1, numRuns: 200 })
    .map(changes =>
      changes.reduce(
        (body, { at, removed, word }) =>
          Buffer.concat([body.subarray(0, at), Buffer.from(word, 'latin1'), body.subarray(at + removed)]),
        WHOLE,
      ),
    )
  await serve(bootstrap(App, { logger: false }), async url => {
    for (const path of ['/form', '/parts']) {
      for (const body of bodies) {
        const [status] = await sendHttp1(url + path, { type: MULTIPART, body })
        expect([200, 400, 413]).toContain(status)
      }
    }
  })
  expect(filesLeft()).toEqual([])
})
