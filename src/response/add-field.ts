import type { Context } from '../types'

/**
 * Sets a field that a response value brings. `Set-Cookie` and `Vary` are added to those that are there: what they say about the
 * request stays true, whatever the response is.
 */
export function addField(ctx: Context, name: string, value: string | readonly string[]): void {
  const key = name.toLowerCase()
  if (key === 'set-cookie') ctx.append(name, value as string | string[])
  else if (key === 'vary') addVary(ctx, value)
  else ctx.set(name, typeof value === 'string' ? value : [...value])
}

/** Not `ctx.vary`, which throws for names that are none: an upstream may have sent them. */
function addVary(ctx: Context, value: string | readonly string[]): void {
  const names = new Map<string, string>()
  const fields = [ctx.res.getHeader('Vary') ?? [], value].flat().join(',')
  for (const name of fields.split(',').map(each => each.trim())) {
    if (name !== '' && !names.has(name.toLowerCase())) names.set(name.toLowerCase(), name)
  }
  if (names.size > 0) ctx.set('Vary', names.has('*') ? '*' : [...names.values()].join(', '))
}
