import { describe } from '../errors/describe'
import { attributeOf, itemOf, sliceOf } from './attributes'
import { callValue, type Arguments } from './calls'
import { dictionaryOf } from './dict-methods'
import { COMPARISONS, joined, OPERATORS, signed } from './operators'
import type { Scope } from './scope'
import { TemplateError } from './template-error'
import { tuple as tupleOf } from './tuple'
import { recordOf } from './dictionaries'
import { hasKey, isTrue, listOf, textIn } from './values'

/** What a part of a template is worth in a scope. */
export interface Expression {
  (scope: Scope): unknown
  /** As it is written, for error messages: `post.author`. */
  label?: string
  /** Set for a property: whether its object has it. Its value may be `undefined`, which is JavaScript's None. */
  isThere?: (scope: Scope) => boolean
  /** Set for a call: makes it with further named arguments. */
  callWith?: (scope: Scope, named: Readonly<Record<string, unknown>>) => unknown
}

const labelled = (label: string, run: Expression): Expression => Object.assign(run, { label })
const labelOf = ({ label = 'the value' }: Expression): string => label

/** Compiled arguments of a call. */
export interface CompiledArguments {
  readonly positional: readonly { readonly value: Expression; readonly isSpread: boolean }[]
  /** Without a name: a dictionary of arguments, `**options`. */
  readonly named: readonly { readonly name: string | undefined; readonly value: Expression }[]
}

export const constant = (value: unknown, label?: string): Expression => labelled(label ?? String(value), () => value)

export const variable = (name: string): Expression => labelled(name, scope => scope.get(name))

export function attribute(of: Expression, name: string): Expression {
  const label = labelOf(of)
  const run = (scope: Scope) => {
    const value = of(scope)
    return isNone(value, of, scope) ? undefined : attributeOf(value, name, label)
  }
  return Object.assign(labelled(`${label}.${name}`, run), { isThere: (scope: Scope) => hasKey(of(scope), name) })
}

export function item(of: Expression, key: Expression): Expression {
  const label = labelOf(of)
  const run = (scope: Scope) => {
    const value = of(scope)
    return isNone(value, of, scope) ? undefined : itemOf(value, key(scope), label)
  }
  const isThere = (scope: Scope) => hasKey(of(scope), key(scope))
  return Object.assign(labelled(`${label}[${labelOf(key)}]`, run), { isThere })
}

/** Whether a value was set to `undefined`, as `g.user` where no user is logged in: like None it has no properties, and is no mistake. */
const isNone = (value: unknown, { isThere }: Expression, scope: Scope): boolean =>
  value === undefined && isThere?.(scope) === true

export const slice =
  (of: Expression, bounds: readonly (Expression | undefined)[]): Expression =>
  scope =>
    sliceOf(
      of(scope),
      bounds.map(bound => bound?.(scope)),
    )

export function call(fn: Expression, args: CompiledArguments): Expression {
  const label = labelOf(fn)
  const run = (scope: Scope) => callValue(fn(scope), label, evaluated(args, scope), scope)
  const callWith: Expression['callWith'] = (scope, more) => {
    const { positional, named } = evaluated(args, scope)
    return callValue(fn(scope), label, { positional, named: { ...named, ...more } }, scope)
  }
  return Object.assign(labelled(`${label}()`, run), { callWith })
}

/** The arguments of a call. Later dictionaries of arguments win. */
function evaluated({ positional, named }: CompiledArguments, scope: Scope): Arguments {
  const values = positional.flatMap(({ value, isSpread }) => (isSpread ? listOf(value(scope)) : [value(scope)]))
  if (named.length === 0) return { positional: values, named: undefined }
  const entries = named.flatMap(({ name, value }) =>
    name === undefined ? unpacked(value(scope)) : [[name, value(scope)] as const],
  )
  return { positional: values, named: Object.fromEntries(entries) }
}

/** What `**values` passes. */
function unpacked(values: unknown): [name: string, value: unknown][] {
  const record = recordOf(values)
  if (record === undefined) throw new TemplateError(`** takes a dictionary, not ${describe(values)}`)
  return Object.entries(record)
}

/** A filter or a test by its name. */
export function applied(kind: 'filter' | 'test', name: string, value: Expression, args: CompiledArguments): Expression {
  return scope => {
    const found = scope.rendering.language.named(kind, name)
    const { positional, named } = evaluated(args, scope)
    const result = callValue(found, name, { positional: [value(scope), ...positional], named }, scope)
    return kind === 'test' ? isTrue(result) : result
  }
}

export const not =
  (of: Expression): Expression =>
  scope =>
    !isTrue(of(scope))

export const and =
  (left: Expression, right: Expression): Expression =>
  scope => {
    const value = left(scope)
    return isTrue(value) ? right(scope) : value
  }

export const or =
  (left: Expression, right: Expression): Expression =>
  scope => {
    const value = left(scope)
    return isTrue(value) ? value : right(scope)
  }

export const conditional =
  (condition: Expression, yes: Expression, no: Expression): Expression =>
  scope =>
    isTrue(condition(scope)) ? yes(scope) : no(scope)

/** `a < b <= c`: each pair must fit. */
export const comparison =
  (first: Expression, others: readonly { readonly symbol: string; readonly value: Expression }[]): Expression =>
  scope => {
    let left = first(scope)
    for (const { symbol, value } of others) {
      const right = value(scope)
      if (COMPARISONS[symbol]?.(left, right) === false) return false
      left = right
    }
    return true
  }

export const operation = (symbol: string, left: Expression, right: Expression): Expression => {
  const operate = OPERATORS[symbol] as NonNullable<(typeof OPERATORS)[string]>
  return scope => operate(defined(left, scope), defined(right, scope), symbol)
}

function defined(of: Expression, scope: Scope): unknown {
  const value = of(scope)
  if (value === undefined) throw new TemplateError(`'${labelOf(of)}' is undefined`)
  return value
}

export const sign =
  (symbol: string, of: Expression): Expression =>
  scope =>
    signed(symbol, of(scope))

/** `a ~ b ~ c` */
export const concatenation =
  (parts: readonly Expression[]): Expression =>
  scope =>
    joined(parts.map(part => part(scope)))

export const list =
  (items: readonly Expression[]): Expression =>
  scope =>
    items.map(each => each(scope))

/** `(a, b)` */
export const tuple =
  (items: readonly Expression[]): Expression =>
  scope =>
    tupleOf(items.map(each => each(scope)))

export const dictionary =
  (entries: readonly (readonly [Expression, Expression])[]): Expression =>
  scope =>
    dictionaryOf(entries.map(([key, value]) => [keyOf(key(scope)), value(scope)]))

/** A safe text is the key that its text is. */
const keyOf = (key: unknown): unknown => textIn(key) ?? key
