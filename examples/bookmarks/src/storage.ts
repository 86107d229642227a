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
  return { database: await openDatabase(join(folder, 'bookmarks.sqlite')), pictures }
}
