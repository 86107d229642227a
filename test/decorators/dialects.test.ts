import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BlueprintOptions, DeclaredRoute, GuardOptions } from 'flaskoa'
import * as decorators from '../../src/decorators/decorators'
import { inBothDialects } from '../support/in-both-dialects'

// Most tests run in one dialect only. What a dialect can change must have a test among those that run in both.

const tests = join(__dirname, '..')
const sources = readdirSync(tests, { recursive: true, encoding: 'utf8' })
  .map(file => file.replaceAll('\\', '/'))
  .filter(file => file.endsWith('.test.ts') && inBothDialects.some(beginning => file.startsWith(beginning)))
  .map(file => readFileSync(join(tests, file), 'utf8'))
const isFound = (pattern: RegExp) => sources.some(source => pattern.test(source))

test.each(Object.keys(decorators))('@%s has a test in both dialects', name => {
  expect(isFound(new RegExp(`^\\s*@${name}\\b`, 'm'))).toBe(true)
})

const options: Record<keyof DeclaredRoute | keyof GuardOptions | keyof BlueprintOptions, true> = {
  methods: true,
  endpoint: true,
  alias: true,
  strictSlashes: true,
  defaults: true,
  provideAutomaticOptions: true,
  limits: true,
  doc: true,
  body: true,
  form: true,
  query: true,
  headers: true,
  cookies: true,
  response: true,
  security: true,
  only: true,
  except: true,
  name: true,
  blueprints: true,
}

test.each(Object.keys(options))('the option %s has a test in both dialects', name => {
  expect(isFound(new RegExp(`^\\s*@\\w+\\(.*[{ ]${name}:`, 'm'))).toBe(true)
})

test.each([
  ['an ordinary method', String.raw`\w+\(`],
  ['an async method', String.raw`async \w+\(`],
  ['a generator', String.raw`\*\w+\(`],
  ['an async generator', String.raw`async \*\w+\(`],
  ['a method of a computed name', String.raw`\[\w+\]\(`],
])('%s has a test in both dialects', (_, method) => {
  expect(isFound(new RegExp(String.raw`^\s*@\w+(\(.*\))?\s+(?:override )?${method}`, 'm'))).toBe(true)
})
