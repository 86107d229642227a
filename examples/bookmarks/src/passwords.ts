import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify<string, Buffer, number, Buffer>(scrypt)

/** The text to store: the salt and the key, in hexadecimal digits. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const key = await derive(password, salt, 32)
  return `${salt.toString('hex')}:${key.toString('hex')}`
}

/** Without a stored text it takes the same time, so that a client can't measure which names are known. */
export async function verifyPassword(
  password: string,
  stored = `${'0'.repeat(32)}:${'0'.repeat(64)}`,
): Promise<boolean> {
  const [salt = '', key = ''] = stored.split(':')
  return timingSafeEqual(await derive(password, Buffer.from(salt, 'hex'), 32), Buffer.from(key, 'hex'))
}
