import type { Expression } from './expressions'
import type { Scope, Template } from './scope'
import type { StatementParser, Tag } from './statement-parser'
import { blockText, moduleOf, renderTemplate } from './template'
import { TemplateError } from './template-error'
import { textIn } from './values'

/** The tags that use other templates, and the blocks that those fill. */
export const templateTags: Readonly<Record<string, Tag>> = {
  extends(parser) {
    const name = parser.expression()
    parser.expect('end')
    return scope => {
      if (scope.rendering.parent !== undefined)
        throw new TemplateError('a template extends one other template, not two')
      scope.rendering.parent = load(scope, name(scope))
      return ''
    }
  },

  block(parser, line) {
    const { value: name } = parser.expect('name')
    parser.nameBlock(name, line)
    const marks = new Set<string>()
    for (
      let mark = parser.take('name', 'scoped', 'required');
      mark !== undefined;
      mark = parser.take('name', 'scoped', 'required')
    )
      marks.add(mark.value)
    parser.expect('end')
    const run = parser.within(`block ${name}`, () => parser.bodyTo('endblock', `block ${name}`, line))
    parser.blocks.push({ name, escapes: parser.escapes, isRequired: marks.has('required'), run })
    return parser.shown(scope => blockText(scope, name, marks.has('scoped')))
  },

  include(parser) {
    const name = parser.expression()
    const ignoresMissing = parser.has('name', 'ignore')
    if (ignoresMissing) parser.expect('name', 'missing')
    const hasContext = readContext(parser, true)
    parser.expect('end')
    return parser.shown(scope => {
      const template = (ignoresMissing ? find : load)(scope, name(scope))
      if (template === undefined) return ''
      return renderTemplate(scope.rendering.language, template, {}, hasContext ? scope : undefined)
    })
  },

  import(parser) {
    const name = parser.expression()
    parser.expect('name', 'as')
    const { value: alias } = parser.expect('name')
    const hasContext = readContext(parser, false)
    parser.expect('end')
    return scope => {
      scope.set(alias, importFrom(scope, name, hasContext))
      return ''
    }
  },

  from(parser) {
    const name = parser.expression()
    parser.expect('name', 'import')
    const names: { from: string; as: string }[] = []
    do {
      const { value: from } = parser.expect('name')
      names.push({ from, as: parser.has('name', 'as') ? parser.expect('name').value : from })
    } while (parser.has('operator', ',') && !parser.isNext('name', 'with', 'without'))
    const hasContext = readContext(parser, false)
    parser.expect('end')
    return scope => {
      const module = importFrom(scope, name, hasContext)
      for (const { from, as } of names)
        scope.set(as, Object.hasOwn(module, from) ? module[from] : missing(from, name(scope)))
      return ''
    }
  },
}

function readContext(parser: StatementParser, otherwise: boolean): boolean {
  const word = parser.take('name', 'with', 'without')
  if (word === undefined) return otherwise
  parser.expect('name', 'context')
  return word.value === 'with'
}

const importFrom = (scope: Scope, name: Expression, hasContext: boolean): Readonly<Record<string, unknown>> =>
  moduleOf(scope.rendering.language, load(scope, name(scope)), hasContext ? scope : undefined)

function missing(name: string, template: unknown): never {
  throw new TemplateError(`the template ${String(template)} has no macro or variable '${name}' to import`)
}

/** The template of a name, or of the first in a list of names that exists. @throws TemplateNotFound with the last name */
function load(scope: Scope, given: unknown): Template {
  const { language } = scope.rendering
  const last = namesIn(given).at(-1)
  if (last === undefined) throw new TemplateError('the list of templates is empty')
  return find(scope, given) ?? language.load(last)
}

/** The same; `undefined` if none of them exists. */
function find({ rendering }: Scope, given: unknown): Template | undefined {
  for (const name of namesIn(given)) {
    const template = rendering.language.find(name)
    if (template !== undefined) return template
  }
  return undefined
}

function namesIn(given: unknown): string[] {
  const names = [given].flat().map(textIn)
  if (names.every(name => name !== undefined)) return names
  throw new TemplateError('the name of a template must be a text')
}
