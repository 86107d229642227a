import type { Io } from './io'

const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], cyan: [36, 39] } as const

/** Functions that colour a text, or leave it as it is. */
export type Colours = Readonly<Record<keyof typeof CODES, (text: string) => string>> & { readonly areOn: boolean }

/** Colours only on a terminal, unless the environment says otherwise: https://no-color.org, and FORCE_COLOR as in Node. */
export function coloursFor({ env, isTerminal }: Pick<Io, 'env' | 'isTerminal'>): Colours {
  const areOn = isSet(env.FORCE_COLOR) ? !['0', 'false'].includes(env.FORCE_COLOR) : isTerminal && !isSet(env.NO_COLOR)
  const entries = Object.entries(CODES).map(([name, [on, off]]) => [
    name,
    (text: string) => (areOn ? `\x1b[${on}m${text}\x1b[${off}m` : text),
  ])
  return { ...(Object.fromEntries(entries) as Omit<Colours, 'areOn'>), areOn }
}

const isSet = (value: string | undefined): value is string => value !== undefined && value !== ''
