import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Command, OnStart, TeardownAppContext, currentApp, g, type Extension } from 'flaskoa'
import { loadSqlite, type Connect, type Connection } from './sqlite.js'

declare module 'flaskoa' {
  interface Globals {
    db?: Connection
  }
}

/** One connection for each request that asks the database. */
class Database implements Extension {
  readonly name = 'database'
  #connect!: Connect

  @OnStart()
  async load() {
    this.#connect = await loadSqlite()
    mkdirSync(dirname(currentApp().config.DATABASE), { recursive: true })
  }

  get connection() {
    return (g.db ??= this.#connect(currentApp().config.DATABASE))
  }

  @TeardownAppContext()
  close() {
    g.db?.close()
    delete g.db
  }

  @Command('init-db', { description: 'Deletes all data and makes the tables.' })
  init() {
    this.connection.run(readFileSync(join(import.meta.dirname, '../schema.sql'), 'utf8'))
    console.log('Initialized the database.')
  }
}

export const db = new Database()

/** Runs one statement and returns its rows. */
export const query: Connection['query'] = (sql, ...values) => db.connection.query(sql, ...values)
