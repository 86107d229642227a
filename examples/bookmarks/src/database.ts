// SQLite behind one small interface: Node's own where Node has it without a flag (22.13 and newer), else WebAssembly.
import { isBuiltin } from 'node:module'

export type Value = string | number | null

export interface Database {
  /** Runs one statement and returns its rows. One that writes returns those of its RETURNING. */
  query<Row>(sql: string, ...values: Value[]): Row[]
  close(): void
}

export async function openDatabase(file: string): Promise<Database> {
  const database = isBuiltin('node:sqlite') ? await openNative(file) : await openWasm(file)
  for (const statement of SCHEMA) database.query(statement)
  return database
}

async function openNative(file: string): Promise<Database> {
  const { DatabaseSync } = await import('node:sqlite')
  const database = new DatabaseSync(file)
  return {
    query: <Row>(sql: string, ...values: Value[]) => database.prepare(sql).all(...values) as Row[],
    close: () => database.close(),
  }
}

async function openWasm(file: string): Promise<Database> {
  const { default: sqlite } = await import('node-sqlite3-wasm')
  const database = new sqlite.Database(file)
  return {
    query: <Row>(sql: string, ...values: Value[]) => database.all(sql, values) as Row[],
    close: () => database.close(),
  }
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
