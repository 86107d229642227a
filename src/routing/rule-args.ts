import type { Converters } from '../types'

/** Whether the compiler only knows that a rule is a string. Then only `bootstrap` can check it. */
export type IsLoose<Rule extends string> = Record<never, never> extends Record<Rule, 1> ? true : false

/** `'int(min=1):id'` → `['id', 'int', 'min=1']` */
type VariableOf<Inside> = Inside extends `${infer Converter}(${infer Arguments}):${infer Name}`
  ? [Name, Converter, Arguments]
  : Inside extends `${infer Converter}:${infer Name}`
    ? [Name, Converter, '']
    : [Inside, 'string', '']

/** `'/users/<int:id>/<p>'` → `['id', 'int', ''] | ['p', 'string', '']` */
type Variables<Rule> = Rule extends `${string}<${infer Inside}>${infer Rest}`
  ? VariableOf<Inside> | Variables<Rest>
  : never

/** `' "a" '` → `'a'` */
type Item<Text> = Text extends ` ${infer T}` | `${infer T} ` | `"${infer T}"` | `'${infer T}'` ? Item<T> : Text

/** `'a, "b"'` → `'a' | 'b'` */
type Items<List> = List extends `${infer First},${infer Rest}` ? Item<First> | Items<Rest> : Item<List>

/**
 * `never` for an unknown converter, which fits every parameter: the compiler already reports the rule, once is enough.
 */
type Value<Converter, Arguments> = Converter extends keyof Converters
  ? Converters[Converter]
  : Converter extends 'any'
    ? Items<Arguments>
    : never

/**
 * The variables of a rule: `RuleArgs<'/users/<int:id>/<path:file>'>` is `{ id: number; file: string }`.
 */
export type RuleArgs<Rule extends string> =
  IsLoose<Rule> extends true ? Record<string, unknown> : { [V in Variables<Rule> as V[0]]: Value<V[1], V[2]> }

type IsUnclosed<Rule> = Rule extends `${string}<${infer Rest}`
  ? Rest extends `${string}>${infer Next}`
    ? IsUnclosed<Next>
    : true
  : false

type UnknownConverter<Rule> = Exclude<Variables<Rule>[1], keyof Converters | 'any'>

/**
 * What is wrong with a rule, as a sentence that the compiler prints; `unknown` for a correct rule. The empty rule means
 * the prefix of its blueprint alone.
 */
type RuleProblem<Rule extends string, Taken> =
  IsLoose<Rule> extends true
    ? unknown
    : Rule extends '' | `/${string}`
      ? IsUnclosed<Rule> extends true
        ? `the rule '${Rule}' opens a '<' that it does not close`
        : [UnknownConverter<Rule>] extends [never]
          ? [Variables<Rule>[0] & Taken] extends [never]
            ? unknown
            : `the rule '${Rule}' has a variable '${Variables<Rule>[0] & Taken & string}', which is the name of an input: rename it`
          : `unknown converter '${UnknownConverter<Rule>}' in the rule '${Rule}': declare it in flaskoa's interface Converters`
      : `a rule starts with '/': write '/${Rule}'`

/**
 * The type of a parameter for a rule: the rule itself, or the sentence that says what is wrong with it.
 *
 * @template Taken names that no variable may have: those of the route's inputs
 */
export type CheckedRule<Rule extends string, Taken = never> =
  RuleProblem<Rule, Taken> extends infer Problem extends string ? Problem : Rule
