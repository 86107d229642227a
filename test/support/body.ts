import { text } from 'node:stream/consumers'
import type { Context } from 'flaskoa'

/** What a body parser for Koa does: reads what the client sent; what is wrong with it is an HTTP error. */
async function bodyOf(ctx: Context, limit = Infinity): Promise<string> {
  const body = await text(ctx.req)
  return body.length <= limit ? body : ctx.throw(413)
}

export async function formOf(ctx: Context, limit?: number): Promise<Partial<Record<string, string>>> {
  return Object.fromEntries(new URLSearchParams(await bodyOf(ctx, limit)))
}

export async function jsonOf<T>(ctx: Context): Promise<T> {
  const body = await bodyOf(ctx)
  try {
    return JSON.parse(body) as T
  } catch {
    return ctx.throw(400, 'the body is no JSON')
  }
}
