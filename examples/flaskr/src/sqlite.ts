// SQLite behind one small interface: Node's own where Node has it without a flag (22.13 and newer), else WebAssembly.
import { isBuiltin } from 'node:module'

type Value = string | number | null

export interface Connection {
  /** Runs one statement and returns its rows. One that writes returns those of its RETURNING. */
  query<Row>(sql: string, ...values: Value[]): Row[]
  /** Runs all statements of a script. */
  run(script: string): void
  close(): void
}

/** Opens a database file. */
export type Connect = (file: string) => Connection

export const loadSqlite = (): Promise<Connect> => (isBuiltin('node:sqlite') ? loadNative() : loadWasm())

async function loadNative(): Promise<Connect> {
  const { DatabaseSync } = await import('node:sqlite')
  return file => {
    const database = new DatabaseSync(file)
    return {
      query: <Row>(sql: string, ...values: Value[]) => database.prepare(sql).all(...values) as Row[],
      run: script => database.exec(script),
      close: () => database.close(),
    }
  }
}

async function loadWasm(): Promise<Connect> {
  const { default: sqlite } = await import('node-sqlite3-wasm')
  return file => {
    const database = new sqlite.Database(file)
    return {
      query: <Row>(sql: string, ...values: Value[]) => database.all(sql, values) as Row[],
      run: script => database.exec(script),
      close: () => database.close(),
    }
  }
}
