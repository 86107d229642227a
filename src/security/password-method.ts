import { describe } from '../errors/describe'

/** How a password is hashed, as Werkzeug writes it in front of a hash. */
export type PasswordMethod =
  | { readonly kind: 'scrypt'; readonly cost: number; readonly blockSize: number; readonly parallelization: number }
  | { readonly kind: 'pbkdf2'; readonly digest: string; readonly iterations: number }

/** Werkzeug's names of hash functions, with Node's and the bytes of a hash. */
export const DIGESTS: Readonly<Record<string, number>> = { sha1: 20, sha224: 28, sha256: 32, sha384: 48, sha512: 64 }

/** 256 MB of memory, or a few seconds: more than any hash needs, and less than what stops a process. */
const MOST_SCRYPT = 2 ** 21
const MOST_ITERATIONS = 5_000_000

/**
 * Reads a method such as `scrypt:32768:8:1` or `pbkdf2:sha256:600000`. What is left out has Werkzeug's default.
 *
 * @throws Error for another method, and for one that costs too much: a hash that comes from elsewhere must not stop the process
 */
export function readMethod(method: string): PasswordMethod {
  const [kind, ...args] = method.split(':')
  const read = kind === 'scrypt' ? readScrypt(args) : kind === 'pbkdf2' ? readPbkdf2(args) : undefined
  if (read !== undefined) return read
  throw new Error(
    `${describe(method)} is no method for the hash of a password. Use scrypt:COST:BLOCK_SIZE:PARALLELIZATION, where COST is a power ` +
      `of two and the product of the three is at most ${MOST_SCRYPT}, for instance scrypt:32768:8:1; or pbkdf2:DIGEST:ITERATIONS ` +
      `with ${Object.keys(DIGESTS).join(', ')} and at most ${MOST_ITERATIONS} iterations, for instance pbkdf2:sha256:600000.`,
  )
}

/** The method as it stands in front of a hash. */
export const writeMethod = (method: PasswordMethod): string =>
  method.kind === 'scrypt'
    ? `scrypt:${method.cost}:${method.blockSize}:${method.parallelization}`
    : `pbkdf2:${method.digest}:${method.iterations}`

function readScrypt(args: readonly string[]): PasswordMethod | undefined {
  const [cost, blockSize, parallelization] = (args.length === 0 ? ['32768', '8', '1'] : args).map<number>(count)
  const isComplete = args.length === 0 || args.length === 3
  if (!isComplete || !cost || !blockSize || !parallelization) return undefined
  const isPower = cost > 1 && Number.isInteger(Math.log2(cost))
  if (!isPower || cost * blockSize * parallelization > MOST_SCRYPT) return undefined
  return { kind: 'scrypt', cost, blockSize, parallelization }
}

function readPbkdf2([digest = 'sha256', iterations = '600000', ...more]: readonly string[]):
  PasswordMethod | undefined {
  const rounds = count(iterations)
  if (more.length > 0 || !Object.hasOwn(DIGESTS, digest) || rounds === 0 || rounds > MOST_ITERATIONS) return undefined
  return { kind: 'pbkdf2', digest, iterations: rounds }
}

/** A whole number from 1 up; 0 for anything else. */
const count = (text: string): number => (/^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0)
