import { spawnSync } from 'node:child_process'
import { scryptSync } from 'node:crypto'
import { checkPasswordHash, generatePasswordHash } from 'flaskoa/security'

// So that tests are quick. The default is used once.
const QUICK = 'pbkdf2:sha256:10'

test('the default is scrypt, in the format of Werkzeug', async () => {
  const hash = await generatePasswordHash('secret')
  expect(hash).toMatch(/^scrypt:32768:8:1\$[A-Za-z\d]{16}\$[\da-f]{128}$/)
  const [, salt = '', digest] = hash.split('$')
  const expected = scryptSync('secret', salt, 64, { N: 32768, r: 8, p: 1, maxmem: 2 ** 26 })
  expect(digest).toBe(expected.toString('hex'))
  expect(await checkPasswordHash(hash, 'secret')).toBe(true)
  expect(await checkPasswordHash(hash, 'Secret')).toBe(false)
})

test.each([
  ['pbkdf2:sha1:10', 'pbkdf2:sha1:10', 40],
  ['pbkdf2:sha224:10', 'pbkdf2:sha224:10', 56],
  [QUICK, QUICK, 64],
  ['pbkdf2:sha384:10', 'pbkdf2:sha384:10', 96],
  ['pbkdf2:sha512:10', 'pbkdf2:sha512:10', 128],
  ['pbkdf2:sha256', 'pbkdf2:sha256:600000', 64],
  ['scrypt:2:1:1', 'scrypt:2:1:1', 128],
  ['scrypt:16:8:4', 'scrypt:16:8:4', 128],
  ['scrypt:1024:1:64', 'scrypt:1024:1:64', 128],
])('the method %s', async (method, written, length) => {
  const hash = await generatePasswordHash('pässwörd 🔑', method, 8)
  expect(hash).toMatch(new RegExp(`^${written}\\$[A-Za-z\\d]{8}\\$[\\da-f]{${length}}$`))
  expect(await checkPasswordHash(hash, 'pässwörd 🔑')).toBe(true)
  expect(await checkPasswordHash(hash, 'passwort')).toBe(false)
})

test('pbkdf2 alone has 600,000 rounds of sha256', async () => {
  expect(await generatePasswordHash('', 'pbkdf2', 1)).toMatch(/^pbkdf2:sha256:600000\$[A-Za-z\d]\$[\da-f]{64}$/)
})

test('each hash has another salt', async () => {
  const hashes = await Promise.all(Array.from({ length: 20 }, () => generatePasswordHash('secret', QUICK)))
  expect(new Set(hashes).size).toBe(20)
})

// The formats of Werkzeug 3. Salt and hash are by Python's hashlib, which Werkzeug calls with these values.
test.each([
  'scrypt:32768:8:1$Zk3vQ9xWm1aB7cDe$40271a71254b7a7d0814740ff376bdc51d663bb9fd494fb3c48342e9aae1098edee09d606c7afefc4a6a285dec4e09ecbcf5c69771550cc40126d1f87aac5842',
  'pbkdf2:sha256:1000000$Zk3vQ9xWm1aB7cDe$dcac213023d830ad7861bf00ca816a87ffa8695dd41b74adcde118dde504ccc5',
])('a hash of Werkzeug: %s', async hash => {
  expect(await checkPasswordHash(hash, 'correct horse')).toBe(true)
  expect(await checkPasswordHash(hash, 'correct horse ')).toBe(false)
})

test('what follows a hash makes it another one', async () => {
  const hash = await generatePasswordHash('secret', QUICK)
  for (const other of [
    `${hash}0`,
    hash.slice(0, -1),
    hash.toUpperCase().replace(/^.*?:.*?:/, 'pbkdf2:sha256:'),
    `${hash}$x`,
  ])
    expect(await checkPasswordHash(other, 'secret')).toBe(false)
})

test.each(['', 'secret', '$', 'pbkdf2:sha256:10', 'pbkdf2:sha256:10$salt', '!', '\0'])(
  '%j is no hash, so no password is right',
  async hash => {
    expect(await checkPasswordHash(hash, 'secret')).toBe(false)
    expect(await checkPasswordHash(hash, hash)).toBe(false)
  },
)

test.each([
  ...['', 'plain', 'md5', 'sha256', 'bcrypt', 'SCRYPT', 'argon2:1:2:3', '__proto__', 'scrypt:', 'pbkdf2:'],
  ...['scrypt:32768', 'scrypt:32768:8', 'scrypt:32768:8:1:1', 'scrypt:32767:8:1', 'scrypt:1:8:1', 'scrypt:0:8:1'],
  ...['scrypt:-2:8:1', 'scrypt:2e3:8:1', 'scrypt:1024:0:1', 'scrypt:1024:8:0', 'scrypt:a:8:1', 'scrypt:0x400:8:1'],
  ...['scrypt:1048576:8:1', 'scrypt:2:1048577:1', 'scrypt:2:1:1048577', 'scrypt:9007199254740992:8:1'],
  ...['scrypt:99999999999999999999:8:1', 'pbkdf2:md5', 'pbkdf2:constructor:10', 'pbkdf2:sha256:0', 'pbkdf2:sha256:'],
  ...[
    'pbkdf2:sha256:-1',
    'pbkdf2:sha256:1.5',
    'pbkdf2:sha256:5000001',
    'pbkdf2:sha256:99999999999',
    'pbkdf2:sha256:10:1',
  ],
])('the method %j is refused, also in a stored hash', async method => {
  const message = 'is no method for the hash of a password. Use scrypt:COST:BLOCK_SIZE:PARALLELIZATION'
  await expect(generatePasswordHash('secret', method)).rejects.toThrow(message)
  await expect(checkPasswordHash(`${method}$salt$abc`, 'secret')).rejects.toThrow(message)
})

test.each<[() => Promise<unknown>, string]>([
  [() => generatePasswordHash(12_345 as never), 'generatePasswordHash: the password must be a text, not number'],
  [() => generatePasswordHash(null as never), 'generatePasswordHash: the password must be a text, not null'],
  [() => generatePasswordHash('x', 5 as never), 'generatePasswordHash: the method must be a text, not number'],
  [() => generatePasswordHash('x', QUICK, 0), 'the salt length must be a whole number from 1 to 1000, not 0'],
  [() => generatePasswordHash('x', QUICK, 1.5), 'the salt length must be a whole number from 1 to 1000, not 1.5'],
  [() => generatePasswordHash('x', QUICK, 1001), 'the salt length must be a whole number from 1 to 1000, not 1001'],
  [() => checkPasswordHash(undefined as never, 'x'), 'checkPasswordHash: the hash must be a text, not undefined'],
  [() => checkPasswordHash('x', ['x'] as never), 'checkPasswordHash: the password must be a text, not object'],
])('%s is refused without the value', async (act, message) => {
  await expect(act()).rejects.toThrow(message)
})

test('other work goes on meanwhile', async () => {
  let turns = 0
  const turn = () => {
    turns++
    timer = setImmediate(turn)
  }
  let timer = setImmediate(turn)
  const hash = await generatePasswordHash('secret', 'pbkdf2:sha256:100000')
  const before = turns
  await checkPasswordHash(hash, 'secret')
  clearImmediate(timer)
  expect([before > 0, turns > before]).toEqual([true, true])
})

/** Hashes a password, and checks hashes of it, in Python: Werkzeug's own, or as later versions of it call hashlib. */
const PYTHON = `
import hashlib, hmac, json, sys
from werkzeug.security import check_password_hash, generate_password_hash
password, hashes = json.load(sys.stdin)
def check(hash):
    if hash.startswith('pbkdf2'): return check_password_hash(hash, password)
    method, salt, expected = hash.split('$', 2)
    n, r, p = map(int, method.split(':')[1:])
    made = hashlib.scrypt(password.encode(), salt=salt.encode(), n=n, r=r, p=p, maxmem=132 * n * r * p)
    return hmac.compare_digest(made.hex(), expected)
json.dump([[generate_password_hash(password, 'pbkdf2:sha256:20'), generate_password_hash(password, 'pbkdf2:sha512:20', 5)],
    [check(hash) for hash in hashes]], sys.stdout)
`

// Debian's python3-flask has it. In CI it must be there.
const hasWerkzeug = spawnSync('/usr/bin/python3', ['-c', 'import werkzeug.security']).status === 0
const withWerkzeug = hasWerkzeug || process.env.CI !== undefined ? test : test.skip

withWerkzeug.each(['secret', '', 'pässwörd 🔑', 'x'.repeat(500)])(
  'hashes of Werkzeug (python3-flask) for %j',
  async password => {
    const methods = [QUICK, 'pbkdf2:sha512:10', 'scrypt:1024:8:1', 'scrypt:32768:8:1']
    const hashes = await Promise.all(methods.map(method => generatePasswordHash(password, method)))
    const { stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', PYTHON], {
      input: JSON.stringify([password, hashes]),
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    const [theirs, checked] = JSON.parse(stdout) as [string[], boolean[]]
    expect(checked).toEqual(methods.map(() => true))
    for (const hash of theirs) {
      expect(await checkPasswordHash(hash, password)).toBe(true)
      expect(await checkPasswordHash(hash, `${password}.`)).toBe(false)
    }
  },
)

describe('an answer that nothing awaits', () => {
  const emitWarning = jest.spyOn(process, 'emitWarning')
  beforeEach(() => emitWarning.mockReset())
  afterAll(() => emitWarning.mockRestore())

  /** Until the answer is there, and the warning, if there is one. */
  const settled = async (answer: Promise<unknown>) => {
    await answer.then(undefined, () => undefined)
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate)
  }

  test('no warning with await, then, Promise.all and return, also if the hash is none', async () => {
    const hash = await generatePasswordHash('secret', QUICK)
    const returned = async () => checkPasswordHash('no hash', 'secret')
    expect(await checkPasswordHash('no hash', 'secret')).toBe(false)
    expect(await Promise.all([checkPasswordHash(hash, 'secret'), returned()])).toEqual([true, false])
    expect(await checkPasswordHash(hash, 'secret').then(isRight => isRight)).toBe(true)
    await expect(checkPasswordHash('md5$a$b', 'secret')).rejects.toThrow('md5')
    await settled(checkPasswordHash(hash, 'secret').finally(() => undefined))
    expect(emitWarning).not.toHaveBeenCalled()
  })

  test('is a process warning, once', async () => {
    const hash = await generatePasswordHash('secret', QUICK)
    const isLoggedIn = () => {
      // eslint-disable-next-line @typescript-eslint/no-misused-promises -- the mistake
      if (!checkPasswordHash(hash, 'wrong')) return false
      return true
    }
    expect([isLoggedIn(), isLoggedIn()]).toEqual([true, true])
    await settled(checkPasswordHash(hash, 'secret'))
    await settled(checkPasswordHash(hash, 'secret'))
    expect(emitWarning.mock.calls).toEqual([
      [
        'The result of checkPasswordHash() was not awaited. It is a promise, which is true in a condition also if the password is ' +
          'wrong: write if (!(await checkPasswordHash(hash, password))).',
        { type: 'FlaskoaWarning', code: 'FLASKOA_PASSWORD_NOT_AWAITED' },
      ],
    ])
  })
})
