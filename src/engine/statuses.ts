import statuses from 'statuses'

const listOf = <T>(table: Readonly<Record<number, T>>): readonly (T | undefined)[] =>
  Array.from({ length: 600 }, (_, code) => table[code])

// The tables of `statuses` are dictionaries, which V8 looks up outside of its own code; lists by code are not (1 %).
export const messages = listOf(statuses.message as Readonly<Record<number, string>>)
export const isEmpty = listOf(statuses.empty as Readonly<Record<number, boolean>>)
