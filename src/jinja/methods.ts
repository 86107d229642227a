import { isPlain } from './dictionaries'

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each method knows the kind of its value, which its table stands for
type Method = (value: any, ...args: any[]) => unknown

/** Methods of Python by name: each gets the value and its arguments. */
export type Methods = Readonly<Record<string, Method | undefined>>

/** Without what objects inherit, such as `constructor`. */
export const methodTable = (methods: Methods): Methods => Object.assign(Object.create(null) as object, methods)

/** A method whose arguments have names: those that a template gives by name come as one object, last. */
export const withNames =
  (names: readonly string[], method: Method): Method =>
  (value, ...args) => {
    const given: readonly unknown[] = args
    const last = given.at(-1)
    if (!isPlain(last)) return method(value, ...given)
    const positional = given.slice(0, -1)
    return method(value, ...positional, ...names.slice(positional.length).map(name => last[name]))
  }
