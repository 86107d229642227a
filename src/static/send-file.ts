import { basename, resolve } from 'node:path'
import { abort } from '../functions/abort'
import type { Response } from '../types'
import { FileAnswer } from './file-answer'
import { OpenFile } from './open-file'
import { checkPath, checkSendOptions, type SendFileOptions } from './send-options'

/**
 * Answers with a file: Flask's `send_file`. Return it from a view: `return sendFile('reports/2026.pdf', { download: true })`.
 * Never pass it a path that a client has sent: `sendFromDirectory` is for those.
 *
 * @param path absolute, or relative to the application's folder, the option `root`
 * @returns Koa's `ctx.response`
 * @throws the system's error if there is no such file, and an Error for what is no file; a TypeError for a wrong option; an Error outside of a request.
 * HttpError 412 and 416 for conditions of the client that can't be met
 */
export async function sendFile(path: string, options: SendFileOptions = {}): Promise<Response> {
  const answer = FileAnswer.begin('sendFile()')
  checkPath(path, 'sendFile')
  checkSendOptions(options, 'sendFile')
  const file = await OpenFile.open(resolve(answer.root, path))
  if (file === undefined) throw new Error(`sendFile: ${path} is not a file`)
  return answer.send(file, options)
}

/**
 * Answers with a file of a folder, whose name may come from a client: Flask's `send_from_directory`. A name that leads out of the
 * folder, also by a link, and one with a part that begins with a dot is a 404.
 *
 * @param folder absolute, or relative to the application's folder, the option `root`
 * @param filename relative to `folder`, with `/` between its parts
 * @returns Koa's `ctx.response`
 * @throws HttpError 404 if there is no such file; otherwise as `sendFile`
 */
export async function sendFromDirectory(
  folder: string,
  filename: string,
  options: SendFileOptions = {},
): Promise<Response> {
  const answer = FileAnswer.begin('sendFromDirectory()')
  checkPath(folder, 'sendFromDirectory')
  checkPath(filename, 'sendFromDirectory')
  checkSendOptions(options, 'sendFromDirectory')
  const file = await OpenFile.openWithin(resolve(answer.root, folder), filename)
  return file === undefined ? abort(404) : answer.send(file, { name: basename(filename), ...options })
}
