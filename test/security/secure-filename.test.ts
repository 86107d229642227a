import { secureFilename } from 'flaskoa/security'

// Each is what Werkzeug 2.2.2 gives, on Linux.
test.each([
  ['My cool movie.mov', 'My_cool_movie.mov'],
  ['../../../etc/passwd', 'etc_passwd'],
  ['/etc/passwd', 'etc_passwd'],
  ['a/b/c.txt', 'a_b_c.txt'],
  ['a\\b.txt', 'ab.txt'],
  ['C:\\Users\\x.txt', 'CUsersx.txt'],
  ['i contain cool ümläuts.txt', 'i_contain_cool_umlauts.txt'],
  ['ﬁle.txt', 'file.txt'],
  ['½ ①.txt', '12_1.txt'],
  ['漢字.png', 'png'],
  ['漢字', ''],
  ['a 漢 b', 'a_b'],
  ['ß.txt', 'txt'],
  ['a😀b.gif', 'ab.gif'],
  ['\ud800x.txt', 'x.txt'],
  ['', ''],
  ['..', ''],
  ['/', ''],
  ['.htaccess', 'htaccess'],
  ['_.a._', 'a'],
  ['a..b...c', 'a..b...c'],
  ['  a  b  ', 'a_b'],
  ['a\tb\nc.txt', 'a_b_c.txt'],
  ['a\x00b.txt', 'ab.txt'],
  ['a\x1cb.txt', 'a_b.txt'],
  ['a\x85b', 'ab'],
  ['a\u3000b.txt', 'a_b.txt'],
  ['a\u2028b.txt', 'ab.txt'],
  ['<script>.html', 'script.html'],
  ['a%2Fb.txt', 'a2Fb.txt'],
  ['con.txt', 'con.txt'],
  ['-rf', '-rf'],
])('%j is %j', (name, expected) => {
  expect(secureFilename(name)).toBe(expected)
})

test('a long name takes a time that grows with its length only', () => {
  const name = `a${'.'.repeat(1_000_000)}a`
  expect(secureFilename(name)).toBe(name)
})

test.each([undefined, null, 5, ['a.txt']])('%j is no name', name => {
  expect(() => secureFilename(name as never)).toThrow(/^secureFilename\(name\): the name must be a text, not /)
})

describe('on Windows', () => {
  const { platform } = process
  beforeAll(() => Object.defineProperty(process, 'platform', { value: 'win32' }))
  afterAll(() => Object.defineProperty(process, 'platform', { value: platform }))

  test.each([
    ['..\\a\\b.txt', 'a_b.txt'],
    ['con', '_con'],
    ['LPT1.tar.gz', '_LPT1.tar.gz'],
    ['console.txt', 'console.txt'],
  ])('%j is %j', (name, expected) => {
    expect(secureFilename(name)).toBe(expected)
  })
})
