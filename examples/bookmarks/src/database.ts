// SQLite behind one small interface: Node's own where Node has it without a flag (22.13 and newer), else WebAssembly.
import { isBuiltin } from 'node:module'

type Value = string | number | null

export interface Database {
  /** Runs one statement and returns its rows. One that writes returns those of its RETURNING. */
  query<Row>(sql: string, ...values: Value[]): Row[]
  close(): void
}

export const openDatabase = (file: string): Promise<Database> =>
  isBuiltin('node:sqlite') ? openNative(file) : openWasm(file)

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
