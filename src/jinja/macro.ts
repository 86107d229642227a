import { native, type Arguments } from './calls'
import { constant, type Expression } from './expressions'
import type { Scope } from './scope'
import type { StatementParser } from './statement-parser'
import { safeIf } from './template'
import { TemplateError } from './template-error'
import { tuple } from './tuple'

interface Parameter {
  readonly name: string
  /** Evaluated in the macro, so that it can use the parameters before it. */
  readonly otherwise: Expression
}

/** What is in the tag of a macro. */
interface Head {
  readonly name: string
  readonly tag: 'macro' | 'call'
  readonly line: number
  readonly parameters: readonly Parameter[]
}

/** The names for what a call passes besides the parameters. A macro gets them if it uses them. */
const REST = 'varargs'
const NAMED_REST = 'kwargs'

/** Reads `a, b=1)`, behind the opening bracket. */
export function readParameters(parser: StatementParser): Parameter[] {
  const parameters: Parameter[] = []
  let isOptional = false
  while (!parser.has('operator', ')')) {
    const { value: name } = parser.expect('name')
    const hasDefault = parser.has('operator', '=')
    if (!hasDefault && isOptional) parser.fail(`the parameter '${name}' needs a value, as those before it have one`)
    isOptional = hasDefault
    parameters.push({ name, otherwise: hasDefault ? parser.expression() : constant(undefined) })
    if (!parser.isNext('operator', ')')) parser.expect('operator', ',')
  }
  return parameters
}

/**
 * Reads the body of a macro.
 *
 * @returns what makes the macro in the scope of its tag, whose names it sees
 */
export function defineMacro(parser: StatementParser, { name, tag, line, parameters }: Head): (scope: Scope) => object {
  parser.expect('end')
  const outer = parser.names
  parser.names = new Set()
  const body = parser.within(`${tag} ${name}`, () => parser.bodyTo(`end${tag}`, tag, line))
  const used = parser.names
  parser.names = new Set([...outer, ...used])
  const facts = {
    arguments: { value: tuple(parameters.map(parameter => parameter.name)), enumerable: true },
    name: { value: name, enumerable: true },
    catch_varargs: { value: used.has(REST), enumerable: true },
    catch_kwargs: { value: used.has(NAMED_REST), enumerable: true },
    caller: { value: used.has('caller'), enumerable: true },
  }
  return scope => {
    const macro = native(name, args => {
      const inner = scope.inner()
      const rest = restOf(name, args, parameters)
      for (const [extra, value] of Object.entries(rest)) {
        if (used.has(extra)) inner.set(extra, value)
        else if (Object.keys(value as object).length > 0) throw surplus(name, parameters)
      }
      inner.set('caller', args.named?.caller)
      setParameters(inner, parameters, args)
      return safeIf(scope.escapes, body(inner))
    })
    return Object.defineProperties(macro, facts)
  }
}

function setParameters(scope: Scope, parameters: readonly Parameter[], { positional, named = {} }: Arguments): void {
  for (const [index, { name, otherwise }] of parameters.entries()) {
    if (index < positional.length) scope.set(name, positional[index])
    else scope.set(name, Object.hasOwn(named, name) ? named[name] : otherwise(scope))
  }
}

/** The arguments that are no parameters. */
function restOf(macro: string, { positional, named = {} }: Arguments, parameters: readonly Parameter[]): object {
  const names = parameters.map(({ name }) => name)
  const twice = names.slice(0, positional.length).find(name => Object.hasOwn(named, name))
  if (twice !== undefined) throw new TemplateError(`the macro ${macro} got its argument '${twice}' twice`)
  const others = Object.entries(named).filter(([name]) => name !== 'caller' && !names.includes(name))
  return { [REST]: tuple(positional.slice(names.length)), [NAMED_REST]: Object.fromEntries(others) }
}

const surplus = (macro: string, parameters: readonly Parameter[]) =>
  new TemplateError(
    `the macro ${macro} got more arguments than it has, or others: it has ${parameters.map(({ name }) => name).join(', ') || 'none'}`,
  )
