import { captured, capturing } from './captures'
import { constant, type Expression } from './expressions'
import { runLoop } from './loop'
import type { StatementParser, Tag } from './statement-parser'
import type { Statement } from './scope'
import { readTarget } from './targets'
import { str } from './text'
import { isTrue } from './values'

/** The tags that decide what is written, and how often. */
export const flowTags: Readonly<Record<string, Tag>> = {
  if(parser, line) {
    const branches: { condition: Expression; run: Statement }[] = []
    let condition = readCondition(parser)
    for (;;) {
      const { run, end } = parser.body('if', line, 'elif', 'else', 'endif')
      branches.push({ condition, run })
      if (end === 'elif') {
        condition = readCondition(parser)
        continue
      }
      parser.expect('end')
      if (end === 'else') branches.push({ condition: constant(true), run: parser.bodyTo('endif', 'if', line) })
      return scope => branches.find(each => isTrue(each.condition(scope)))?.run(scope) ?? ''
    }
  },

  for(parser, line) {
    const target = readTarget(parser)
    parser.expect('name', 'in')
    const source = parser.unconditional()
    const condition = parser.has('name', 'if') ? parser.expression() : undefined
    const isRecursive = parser.has('name', 'recursive')
    parser.expect('end')
    const { run: body, end } = parser.body('for', line, 'else', 'endfor')
    parser.expect('end')
    const otherwise = end === 'else' ? parser.bodyTo('endfor', 'for', line) : undefined
    const loop = { target, source, condition, isRecursive, body, otherwise }
    return scope => runLoop(loop, scope, source(scope), 0)
  },

  with(parser, line) {
    const values: { name: string; value: Expression }[] = []
    while (!parser.has('end')) {
      const { value: name } = parser.expect('name')
      parser.expect('operator', '=')
      values.push({ name, value: parser.expression() })
      if (!parser.isNext('end')) parser.expect('operator', ',')
    }
    const body = parser.bodyTo('endwith', 'with', line)
    return scope => {
      const inner = scope.inner()
      for (const { name, value } of values) inner.set(name, value(scope))
      return body(inner)
    }
  },

  filter(parser, line) {
    const value = parser.filters(parser.filter(captured))
    parser.expect('end')
    const body = parser.within(undefined, () => parser.bodyTo('endfilter', 'filter', line))
    return parser.shown(scope => str(value(capturing(scope, body(scope.inner())))))
  },

  autoescape(parser, line) {
    const value = parser.expression()
    parser.expect('end')
    const body = parser.bodyTo('endautoescape', 'autoescape', line)
    return scope => body(scope.inner(isTrue(value(scope))))
  },

  do(parser) {
    const value = parser.tuple()
    parser.expect('end')
    return scope => {
      value(scope)
      return ''
    }
  },
}

function readCondition(parser: StatementParser): Expression {
  const condition = parser.tuple()
  parser.expect('end')
  return condition
}
