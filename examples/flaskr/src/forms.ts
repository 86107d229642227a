import { abort, request } from 'flaskoa'

/** The fields of a form by name. As in Flask, a request without one of them is a 400, also one whose body is no form. */
export async function fields<Name extends string>(...names: Name[]): Promise<Record<Name, string>> {
  if (request.is('urlencoded', 'multipart') === false) abort(400)
  const form = await request.form()
  return Object.fromEntries(names.map(name => [name, form.get(name) ?? abort(400)])) as Record<Name, string>
}
