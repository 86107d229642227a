import type { ExpressionParser } from './expression-parser'
import { setProperty } from './dictionaries'
import { Namespace } from './namespace'
import type { Scope } from './scope'
import { TemplateError } from './template-error'
import { listOf } from './values'

/** Gives a name, or several, a value. */
export type Target = (scope: Scope, value: unknown) => void

/** Reads `name`, `a, b`, `(a, (b, c))` or, for a namespace, `space.name`. */
export function readTarget(parser: ExpressionParser): Target {
  const targets = [readOne(parser)]
  let isList = false
  while (parser.has('operator', ',')) {
    isList = true
    targets.push(readOne(parser))
  }
  return isList ? unpacking(targets) : (targets[0] as Target)
}

function readOne(parser: ExpressionParser): Target {
  if (parser.has('operator', '(')) {
    const target = readTarget(parser)
    parser.expect('operator', ')')
    return target
  }
  const { value: name } = parser.expect('name')
  if (!parser.has('operator', '.')) return (scope, value) => scope.set(name, value)
  const { value: attribute } = parser.expect('name')
  return (scope, value) => {
    const space = scope.get(name)
    if (!(space instanceof Namespace))
      throw new TemplateError(`'${name}' is no namespace(), so that its attributes cannot be set`)
    setProperty(space, attribute, value)
  }
}

function unpacking(targets: readonly Target[]): Target {
  return (scope, value) => {
    const values = listOf(value)
    if (values.length !== targets.length)
      throw new TemplateError(`${values.length} values cannot be assigned to ${targets.length} names`)
    targets.forEach((assign, index) => {
      assign(scope, values[index])
    })
  }
}
