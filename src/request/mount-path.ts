import { hasValidPath } from '../connection/request-target'
import type { Context } from '../types'

/**
 * What koa-mount has taken off the path of a request, which URLs of a mounted lifecycle begin with. `ctx.mountPath` is not
 * enough: koa-mount writes the innermost prefix there and leaves it after the mount has passed the request on.
 */
export const mountPathOf = (ctx: Context): string =>
  typeof ctx.mountPath === 'string' ? takenOff(originalPath(ctx), ctx.path, withoutSlash(ctx.mountPath)) : ''

/** @param mount the prefix of the latest mount, which may have passed the request on */
function takenOff(original: string, path: string, mount: string): string {
  // koa-mount makes `/` of an empty rest.
  const isRoot = path === '/' && !original.endsWith('/')
  if (!isRoot && !original.endsWith(path)) return ofRewritten(original, path, mount)
  const taken = withoutSlash(isRoot ? original : original.slice(0, original.length - path.length))
  const isPassedOn = taken === '' || endOf(mount, path) !== -1
  // Otherwise middleware in front of the mount has made another path that ends like the original one.
  return isPassedOn || taken.endsWith(mount) ? taken : mount
}

/** Other middleware has rewritten the path: the best that `mount` alone says. */
function ofRewritten(original: string, path: string, mount: string): string {
  if (endOf(mount, path) === mount.length) return ''
  const end = endOf(mount, original)
  return end === -1 ? mount : original.slice(0, end)
}

/** Where the segments of `mount` end in `path`: -1 if the path does not have them. */
function endOf(mount: string, path: string): number {
  const start = `${path}/`.indexOf(`${mount}/`)
  return start === -1 ? -1 : start + mount.length
}

const withoutSlash = (path: string): string => path.replace(/\/+$/, '')

/** The path of the URL that the client sent, as Koa reads it. */
function originalPath({ request, originalUrl }: Context): string {
  const original = Object.create(request, { req: { value: { url: originalUrl } } }) as Context['request']
  return hasValidPath(original) ? original.path : ''
}
