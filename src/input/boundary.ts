import type { Context } from '../types'
import { refuse } from './refuse'

/** RFC 2046 5.1.1 */
const LONGEST = 70

/** The text between the parts of a multipart body. @throws HttpError 400 */
export function boundaryOf({ req }: Context): string {
  const [, quoted, token] =
    /;\s*boundary\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))/i.exec(req.headers['content-type'] as string) ?? []
  const boundary = quoted?.replace(/\\(.)/g, '$1') ?? token ?? ''
  if (boundary === '') refuse(400, 'the Content-Type of the form has no boundary')
  if (boundary.length > LONGEST) refuse(400, `the boundary of the form is longer than ${LONGEST} characters`)
  return boundary
}
