import type { Readable } from 'node:stream'
import type { Context } from '../types'
import type { ResolvedLimits } from './limits'
import { Multipart } from './multipart'
import type { Part } from './part'

/** The parts of a multipart form, as they arrive. */
export async function* readParts(
  ctx: Context,
  limits: ResolvedLimits,
  kept: Readable | undefined,
): AsyncGenerator<Part, void, undefined> {
  const multipart = new Multipart(ctx, limits, kept)
  try {
    for (let part = await multipart.next(); part !== undefined; part = await multipart.next()) yield part
  } finally {
    multipart.fail(new Error(`${ctx.method} ${ctx.path}: the loop over the parts of the form has ended`))
  }
}
