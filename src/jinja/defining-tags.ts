import { captured, capturing } from './captures'
import { defineMacro, readParameters } from './macro'
import type { Tag } from './statement-parser'
import { asHtml } from './operators'
import { readTarget } from './targets'
import { str } from './text'

/** The tags that give something a name: values and macros. */
export const definingTags: Readonly<Record<string, Tag>> = {
  set(parser, line) {
    const assign = readTarget(parser)
    if (parser.has('operator', '=')) {
      const value = parser.tuple()
      parser.expect('end')
      return scope => {
        assign(scope, value(scope))
        return ''
      }
    }
    const value = parser.filters(captured)
    parser.expect('end')
    const body = parser.within(undefined, () => parser.bodyTo('endset', 'set', line))
    return scope => {
      assign(scope, value(capturing(scope, body(scope.inner()))))
      return ''
    }
  },

  macro(parser, line) {
    const { value: name } = parser.expect('name')
    parser.expect('operator', '(')
    const macro = defineMacro(parser, { name, tag: 'macro', line, parameters: readParameters(parser) })
    return scope => {
      scope.set(name, macro(scope))
      return ''
    }
  },

  call(parser, line) {
    const parameters = parser.has('operator', '(') ? readParameters(parser) : []
    const { callWith } = parser.expression()
    if (callWith === undefined) return parser.fail('{% call %} needs a call: {% call dialog() %}')
    const caller = defineMacro(parser, { name: 'caller', tag: 'call', line, parameters })
    return parser.shown(scope => {
      const result = callWith(scope, { caller: caller(scope) })
      return scope.escapes ? asHtml(result) : str(result)
    })
  },
}
