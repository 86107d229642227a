import type { Context } from '../types'

/** What koa-mount has taken off the path. */
export const mountPathOf = (ctx: Context): string => (typeof ctx.mountPath === 'string' ? ctx.mountPath : '')
