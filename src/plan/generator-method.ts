import { types } from 'node:util'
import type { Fact } from '../decorators/metadata'
import { SetupError } from '../errors/setup-error'

/** What these return may be an answer, and the answer of a generator is streamed. */
const ANSWERING: readonly Fact['kind'][] = ['route', 'before', 'error']

/**
 * Refuses a generator, sync or async, where nothing iterates over what it returns. (One that a compiler has made into another
 * function can't be recognized.)
 *
 * @param where the method and its decorator, for the error
 */
export function refuseGenerator(method: unknown, fact: Fact, where: string): void {
  const isIterated = fact.kind === 'addition' ? fact.mayGenerate : ANSWERING.includes(fact.kind)
  if (isIterated || !types.isGeneratorFunction(method)) return
  throw new SetupError(
    'GENERATOR_METHOD',
    `${where} is on a generator method, whose body would never run, because nothing iterates over what it returns. Leave the * out.`,
  )
}
