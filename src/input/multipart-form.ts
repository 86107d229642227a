import type { Readable } from 'node:stream'
import { toError } from '../errors/describe'
import type { Context } from '../types'
import type { FormEntry } from './form'
import type { ResolvedLimits } from './limits'
import { Multipart } from './multipart'
import { RequestFiles, type FilesHost } from './request-files'
import { UploadedFile } from './uploaded-file'

/**
 * The fields and files of a multipart form, in their order. The files are stored until the request has been torn down.
 *
 * @param kept the body, if it has been read before
 * @throws HttpError 400, 413, 415 and 507. No file is left then
 */
export async function readMultipartForm(
  ctx: Context,
  limits: ResolvedLimits,
  host: FilesHost | undefined,
  kept: Readable | undefined,
): Promise<FormEntry[]> {
  const multipart = new Multipart(ctx, limits, kept)
  const files = new RequestFiles(ctx, host, error => {
    multipart.fail(error)
  })
  const entries: FormEntry[] = []
  try {
    for (let part = await multipart.next(); part !== undefined; part = await multipart.next()) {
      const { name, value, stream } = part
      if (stream === undefined) entries.push([name, value])
      else {
        const stored = await files.save(stream, limits.memory)
        entries.push([name, new UploadedFile(stored, part.filename, part.type)])
      }
    }
    return entries
  } catch (error) {
    multipart.fail(toError(error))
    // If that fails, teardown reports it.
    await files.remove().catch(() => undefined)
    throw error
  }
}
