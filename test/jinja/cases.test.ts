import { Environment } from '../../src/jinja/environment'
import { compile } from '../../src/jinja/compile'
import { renderTemplate } from '../../src/jinja/template'
import { TemplateError, TemplateNotFound } from '../../src/jinja/template-error'
import { cases, refused, values } from './cases.json'

type Files = Readonly<Record<string, string | undefined>>

function render(files: Files): string {
  const find = (name: string) => {
    const source = files[name]
    return source === undefined ? undefined : compile({ name, file: undefined, source }, true)
  }
  const additions = { filters: {}, tests: {}, globals: {} }
  const environment = new Environment(additions, find, name => new TemplateNotFound(name))
  return renderTemplate(environment, environment.load(Object.keys(files)[0] as string), structuredClone(values))
}

test.each(cases)('as Jinja renders it: $files', ({ files, expected }) => {
  expect(render(files as unknown as Files)).toBe(expected)
})

test.each(refused)('an error, as in Jinja: %s', source => {
  expect(() => render({ page: source })).toThrow(TemplateError)
})
