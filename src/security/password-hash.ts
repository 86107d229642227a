import { pbkdf2, randomInt, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { describe } from '../errors/describe'
import { AwaitedAnswer } from './awaited-answer'
import { DIGESTS, readMethod, writeMethod, type PasswordMethod } from './password-method'

const runPbkdf2 = promisify(pbkdf2)
const runScrypt = promisify<string, string, number, ScryptOptions, Buffer>(scrypt)

interface ScryptOptions {
  readonly N: number
  readonly r: number
  readonly p: number
  readonly maxmem: number
}

const SALT_CHARACTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

/**
 * Hashes a password for a table of users, in Werkzeug's format: `scrypt:32768:8:1$salt$hash`. It takes about 80 ms of a thread, and
 * 32 MB, on purpose.
 *
 * @param method `scrypt:COST:BLOCK_SIZE:PARALLELIZATION`, or `pbkdf2:DIGEST:ITERATIONS` (DIGEST is sha1, sha224, sha256, sha384 or
 *   sha512). Default `scrypt:32768:8:1`; `pbkdf2` alone is `pbkdf2:sha256:600000`
 * @param saltLength the number of random letters and digits, from 1 to 1,000. Default 16
 * @throws TypeError for a password that is no text or a wrong salt length; Error for an unknown or too costly method
 */
export async function generatePasswordHash(password: string, method = 'scrypt', saltLength = 16): Promise<string> {
  checkText(password, 'generatePasswordHash: the password')
  checkText(method, 'generatePasswordHash: the method')
  if (!Number.isInteger(saltLength) || saltLength < 1 || saltLength > 1000)
    throw new TypeError(
      `generatePasswordHash: the salt length must be a whole number from 1 to 1000, not ${describe(saltLength)}`,
    )
  const read = readMethod(method)
  const salt = Array.from({ length: saltLength }, () => SALT_CHARACTERS[randomInt(SALT_CHARACTERS.length)]).join('')
  return `${writeMethod(read)}$${salt}$${await hashOf(password, salt, read)}`
}

/**
 * Whether a password is the one of a hash that `generatePasswordHash` or Werkzeug's `generate_password_hash` made. It compares in
 * a time that does not depend on the password. Await it: a process warning says so if nothing does.
 *
 * @returns false for a hash that has not the form `method$salt$hash`, too
 * @throws TypeError for what is no text; Error for an unknown or too costly method
 */
export function checkPasswordHash(hash: string, password: string): Promise<boolean> {
  return AwaitedAnswer.of(isPasswordOf(hash, password))
}

async function isPasswordOf(hash: string, password: string): Promise<boolean> {
  checkText(hash, 'checkPasswordHash: the hash')
  checkText(password, 'checkPasswordHash: the password')
  const [method, salt, expected] = splitHash(hash)
  if (method === undefined || salt === undefined || expected === undefined) return false
  const computed = Buffer.from(await hashOf(password, salt, readMethod(method)))
  const known = Buffer.from(expected)
  return known.length === computed.length && timingSafeEqual(known, computed)
}

/** In three parts: only the last may have a `$`. */
const splitHash = (hash: string): readonly string[] => /^([^$]*)\$([^$]*)\$(.*)$/s.exec(hash)?.slice(1) ?? []

/** In hexadecimal digits. Computed by a thread of Node's, so that other requests go on. */
async function hashOf(password: string, salt: string, method: PasswordMethod): Promise<string> {
  if (method.kind === 'pbkdf2') {
    const { digest, iterations } = method
    return (await runPbkdf2(password, salt, iterations, DIGESTS[digest] as number, digest)).toString('hex')
  }
  const { cost, blockSize, parallelization } = method
  // Node refuses to use more than 32 MB, which is a little less than the default takes, unless it is told how much may be used.
  const maxmem = (132 * cost * parallelization + 1024) * blockSize
  const options = { N: cost, r: blockSize, p: parallelization, maxmem }
  return (await runScrypt(password, salt, 64, options)).toString('hex')
}

/** A secret must not end up in a log: the error names the type of the value only. */
function checkText(value: unknown, what: string): void {
  if (typeof value === 'string') return
  throw new TypeError(`${what} must be a text, not ${value === null ? 'null' : typeof value}`)
}
