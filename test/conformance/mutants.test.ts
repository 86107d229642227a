import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MUTANTS } from './mutants'

const sourceOf = (file: string): string => readFileSync(join(__dirname, '../..', file), 'utf8')

test.each(MUTANTS)('the text of the mutant "$breaks" occurs once in its file', ({ file, text }) => {
  expect(sourceOf(file).split(text)).toHaveLength(2)
})
