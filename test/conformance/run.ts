import { differences } from './compare'
import { Flaskoa, type Variant } from './flaskoa'
import type { Answer, Oracle } from './oracle'
import type { Program } from './program'

export interface Failure {
  readonly program: Program
  readonly variant: Variant
  /** What differs, as lines. */
  readonly found: readonly string[]
}

/** Each program runs twice: in both dialects, with methods that are sync and methods that are async. */
const VARIANTS: readonly (readonly Variant[])[] = [
  [
    { dialect: 'standard', async: false },
    { dialect: 'legacy', async: true },
  ],
  [
    { dialect: 'legacy', async: false },
    { dialect: 'standard', async: true },
  ],
]

/** Runs a program on flaskoa and compares it with what Flask did. */
export async function failureOf(program: Program, answer: Answer): Promise<Failure | undefined> {
  // The same pair whenever the same program runs again.
  const pair = VARIANTS[program.requests.length % 2] as readonly Variant[]
  for (const variant of pair) {
    const found = await differencesOn(program, answer, variant)
    if (found.length > 0) return { program, variant, found }
  }
  return undefined
}

async function differencesOn(program: Program, answer: Answer, variant: Variant): Promise<string[]> {
  try {
    return differences(answer, await Flaskoa.run(program, variant))
  } catch (error) {
    return [`flaskoa fails: ${(error as Error).message}`]
  }
}

/** What kind of a failure it is, so that shrinking does not slip to another. */
export const kindOf = ({ found }: Failure): string => (found[0] as string).split('\n', 1).join().replace(/\d+/g, '')

export async function checked(oracle: Oracle, program: Program): Promise<Failure | undefined> {
  return failureOf(program, await oracle.run(program))
}
