import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { Blueprint, Get, Put, abort, makeResponse, type Context, type FormOf } from 'flaskoa'
import { z } from 'zod'
import { MISSING, findBookmark } from './bookmarks.js'
import { ForUsers } from './users.js'

/** The types that are taken, and how a file of each begins, in hexadecimal digits. */
const BEGINNINGS: Record<string, RegExp> = {
  'image/jpeg': /^ffd8ff/,
  'image/png': /^89504e470d0a1a0a/,
  'image/webp': /^52494646.{8}57454250/,
}

/** The client says of which type a file is: its bytes must be of that type. */
async function isOfItsType(file: File): Promise<boolean> {
  const beginning = Buffer.from(await file.slice(0, 12).arrayBuffer())
  return BEGINNINGS[file.type]?.test(beginning.toString('hex')) ?? false
}

const MAX_SIZE = 2_000_000
const Upload = z.object({
  picture: z.file().max(MAX_SIZE).mime(Object.keys(BEGINNINGS)).refine(isOfItsType, 'The file is not of its type.'),
})

@Blueprint('/bookmarks', { name: 'pictures' })
export class Pictures extends ForUsers {
  @Put('/<int:id>/picture', {
    form: Upload,
    limits: { form: MAX_SIZE + 10_000, fileSize: MAX_SIZE, files: 1 },
    response: { 204: null, 404: MISSING },
    doc: { summary: 'Gives a bookmark a picture' },
  })
  async replace({ id, form }: { id: number; form: FormOf<typeof Upload> }) {
    const { database, pictures } = this.storage
    findBookmark(database, id)
    // A new name each time, so that a picture that is being sent is never overwritten.
    const name = randomUUID() + form.picture.type.replace('image/', '.')
    await form.picture.moveTo(join(pictures, name))
    const { picture } = findBookmark(database, id)
    database.query('UPDATE bookmarks SET picture = ? WHERE id = ?', name, id)
    if (picture !== null) await rm(join(pictures, picture), { force: true })
    return makeResponse('', 204)
  }

  @Get('/<int:id>/picture', {
    response: { 200: 'The picture.', 404: MISSING },
    doc: { summary: 'The picture of a bookmark' },
  })
  show({ id }: { id: number }, ctx: Context) {
    const { picture } = findBookmark(this.storage.database, id)
    if (picture === null) abort(404, 'the bookmark has no picture')
    ctx.type = extname(picture)
    ctx.set({ 'Cache-Control': 'private, no-cache', 'X-Content-Type-Options': 'nosniff' })
    return createReadStream(join(this.storage.pictures, picture))
  }
}
