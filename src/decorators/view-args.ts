import type { IsLoose, RuleArgs } from '../routing/rule-args'
import type { Context } from '../types'

/** The variables of a rule, `{ id: number }`, with the defaults that are not variables of the rule. */
type ViewValues<Rule extends string, D> = Merged<RuleArgs<Rule>, Omit<D, keyof RuleArgs<Rule>>>

/** `A & B` as one object type, which compilers print as such. */
type Merged<A, B> = A & B extends infer Both ? { [Name in keyof Both]: Both[Name] } : never

/**
 * The values with those of the prefixes, which the compiler does not see: a method that names each variable of its own rule
 * may name more. So a misspelt name is still an error, since one of the rule's is missing.
 */
type WithPrefix<Values, Method> = Method extends (args: infer Named, ...rest: never) => unknown
  ? string extends keyof Named
    ? Values // its index signature stands for all others
    : [keyof Values] extends [keyof Named]
      ? Merged<Values, Omit<Named, keyof Values>>
      : Values
  : Values

/** What the view of a rule gets: `(ctx)` when the rule has no variables, else `(values, ctx)`. */
export type ViewArgs<Rule extends string, D, Method, Values = ViewValues<Rule, D>> =
  IsLoose<Rule> extends true
    ? any[] // eslint-disable-line @typescript-eslint/no-explicit-any -- only bootstrap can check such a rule
    : [keyof Values] extends [never]
      ? [ctx: Context]
      : [args: WithPrefix<Values, Method>, ctx: Context]
