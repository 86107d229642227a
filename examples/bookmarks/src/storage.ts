import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openDatabase, type Database } from './database.js'

/** What the application keeps: a database, and a folder for the pictures. */
export interface Storage {
  readonly database: Database
  readonly pictures: string
}

/** Opens both in one folder, and makes them if they are not there. */
export async function openStorage(folder: string): Promise<Storage> {
  const pictures = join(folder, 'pictures')
  await mkdir(pictures, { recursive: true })
  const database = await openDatabase(join(folder, 'bookmarks.sqlite'))
  for (const statement of SCHEMA) database.query(statement)
  return { database, pictures }
}

const SCHEMA = [
  'PRAGMA foreign_keys = ON',
  `CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    password TEXT NOT NULL
  )`,
  `CREATE TABLE IF NOT EXISTS bookmarks (
    id INTEGER PRIMARY KEY,
    owner INTEGER NOT NULL REFERENCES users (id),
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    tags TEXT NOT NULL, -- a JSON array
    picture TEXT, -- the name of a file in the folder of the pictures
    created TEXT NOT NULL
  )`,
  'CREATE INDEX IF NOT EXISTS bookmarks_of_owner ON bookmarks (owner, id)',
]
