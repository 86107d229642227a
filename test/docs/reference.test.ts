import * as flaskoa from 'flaskoa'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const document = (name: string) => readFileSync(join(__dirname, '../../docs/reference', name), 'utf8')
const headingsOf = (name: string) => document(name).match(/^### .+$/gm)

const isErrorClass = (value: unknown) => typeof value === 'function' && value.prototype instanceof Error

/** Decorators are the only exports in capitals that are no classes of errors. */
const isDecorator = ([name, value]: [string, unknown]) => /^[A-Z]/.test(name) && !isErrorClass(value)

const exported = Object.entries(flaskoa)

test('each decorator has its entry, and no other has one', () => {
  const decorators = exported.filter(isDecorator).map(([name]) => `### @${name}`)
  expect(headingsOf('decorators.md')?.sort()).toEqual(decorators.sort())
})

test('so has each function, proxy and class', () => {
  const others = exported.filter(each => !isDecorator(each)).map(([name]) => `### ${name}`)
  expect(headingsOf('functions.md')?.sort()).toEqual(others.sort())
})
