import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Blueprint, Delete, Get, Post, Put, abort, g, makeResponse, urlFor } from 'flaskoa'
import { z } from 'zod'
import type { Database } from './database.js'
import { ForUsers } from './users.js'

const NewBookmark = z.object({
  url: z.url({ protocol: /^https?$/ }),
  title: z.string().min(1).max(200),
  tags: z.array(z.string().min(1).max(30)).max(20).default([]),
})
type NewBookmark = z.infer<typeof NewBookmark>

const Bookmark = NewBookmark.extend({
  id: z.int(),
  created: z.iso.datetime(),
  picture: z.string().nullable().describe('The path of the picture.'),
}).meta({ id: 'Bookmark' })

const Search = z.object({
  page: z.int().min(1).default(1),
  size: z.int().min(1).max(100).default(20),
  tag: z.array(z.string()).default([]).describe('Only bookmarks that have all of these tags.'),
  text: z.string().default('').describe('Only bookmarks with this text in the title or the URL.'),
})
type Search = z.infer<typeof Search>

const Page = z.object({ page: z.int(), pages: z.int(), total: z.int(), bookmarks: z.array(Bookmark) })

interface Row {
  id: number
  url: string
  title: string
  tags: string
  picture: string | null
  created: string
}

/** A row's owner, all of these tags (JSON), and a text in its title or URL. */
const MATCHES = `owner = ?
  AND NOT EXISTS (SELECT value FROM json_each(?) EXCEPT SELECT value FROM json_each(tags))
  AND instr(lower(title || ' ' || url), lower(?)) > 0`

export const MISSING = 'The user has no such bookmark.'

@Blueprint('/bookmarks', { name: 'bookmarks' })
export class Bookmarks extends ForUsers {
  @Get('', { query: Search, response: Page, doc: { summary: "Searches the user's bookmarks, the newest first" } })
  list({ query: { page, size, tag, text } }: { query: Search }) {
    const { database } = this.storage
    const wanted = [g.user.id, JSON.stringify(tag), text]
    const count = `SELECT count(*) AS total FROM bookmarks WHERE ${MATCHES}`
    const [{ total }] = database.query<{ total: number }>(count, ...wanted) as [{ total: number }]
    const rows = database.query<Row>(
      `SELECT * FROM bookmarks WHERE ${MATCHES} ORDER BY id DESC LIMIT ? OFFSET ?`,
      ...wanted,
      ...[size, (page - 1) * size],
    )
    return { page, pages: Math.ceil(total / size), total, bookmarks: rows.map(toBookmark) }
  }

  @Post('', { body: NewBookmark, response: { 201: Bookmark }, doc: { summary: 'Adds a bookmark' } })
  add({ body }: { body: NewBookmark }) {
    const { url, title, tags } = body
    const sql = 'INSERT INTO bookmarks (owner, url, title, tags, created) VALUES (?, ?, ?, ?, ?) RETURNING *'
    const values = [g.user.id, url, title, JSON.stringify(tags), new Date().toISOString()]
    const [row] = this.storage.database.query<Row>(sql, ...values) as [Row]
    return makeResponse(toBookmark(row), 201, { Location: urlFor('.show', { id: row.id }) })
  }

  @Get('/<int:id>', { response: { 200: Bookmark, 404: MISSING }, doc: { summary: 'Shows a bookmark' } })
  show({ id }: { id: number }) {
    return toBookmark(findBookmark(this.storage.database, id))
  }

  @Put('/<int:id>', {
    body: NewBookmark,
    response: { 200: Bookmark, 404: MISSING },
    doc: { summary: 'Changes a bookmark' },
  })
  change({ id, body }: { id: number; body: NewBookmark }) {
    const { database } = this.storage
    findBookmark(database, id)
    const { url, title, tags } = body
    const sql = 'UPDATE bookmarks SET url = ?, title = ?, tags = ? WHERE id = ?'
    database.query(sql, url, title, JSON.stringify(tags), id)
    return toBookmark(findBookmark(database, id))
  }

  @Delete('/<int:id>', {
    response: { 204: null, 404: MISSING },
    doc: { summary: 'Deletes a bookmark and its picture' },
  })
  async remove({ id }: { id: number }) {
    const { database, pictures } = this.storage
    const { picture } = findBookmark(database, id)
    database.query('DELETE FROM bookmarks WHERE id = ?', id)
    if (picture !== null) await rm(join(pictures, picture), { force: true })
    return makeResponse('', 204)
  }
}

/** @throws HttpError 404 if the user has no such bookmark */
export function findBookmark(database: Database, id: number): Row {
  const [row] = database.query<Row>('SELECT * FROM bookmarks WHERE id = ? AND owner = ?', id, g.user.id)
  return row ?? abort(404, MISSING)
}

const toBookmark = ({ tags, picture, ...row }: Row) => ({
  ...row,
  tags: JSON.parse(tags) as string[],
  picture: picture === null ? null : urlFor('pictures.show', { id: row.id }),
})
