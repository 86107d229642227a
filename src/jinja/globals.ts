import { describe } from '../errors/describe'
import { bind, native, type Arguments } from './calls'
import { lipsum } from './lipsum'
import { Namespace } from './namespace'
import { TemplateError } from './template-error'
import { recordOf } from './dictionaries'
import { listOf } from './values'

const LONGEST_RANGE = 100_000

/** `range(stop)`, `range(start, stop, step)`. */
function range(...bounds: readonly number[]): number[] {
  const [start, stop, step = 1] = bounds.length === 1 ? [0, ...bounds] : bounds
  const length = Math.ceil(((stop as number) - (start as number)) / step)
  if (!(length <= LONGEST_RANGE)) throw new TemplateError(`range() is for at most ${LONGEST_RANGE} numbers`)
  return Array.from({ length: Math.max(0, length) }, (_, index) => (start as number) + index * step)
}

/** Goes through its values again and again. */
function cycler(...values: readonly unknown[]): object {
  if (values.length === 0) throw new TemplateError('cycler() needs a value at least')
  let index = 0
  const about = { current: values[0], next, reset: () => moveTo(0) }
  function moveTo(position: number): null {
    index = position
    about.current = values[index]
    return null
  }
  function next(): unknown {
    const value = about.current
    moveTo((index + 1) % values.length)
    return value
  }
  return about
}

/** Gives nothing when it is first called, and then its text: what is between items. */
function joiner(args: Arguments): object {
  const { sep } = bind('joiner()', args, { sep: ', ' })
  let isFirst = true
  return () => {
    const text = isFirst ? '' : sep
    isFirst = false
    return text
  }
}

/** `dict(request.args, page=2)`: of a dictionary, or of pairs. */
function dictionary({ positional: [values = {}], named }: Arguments): Record<string, unknown> {
  const given = Array.isArray(values)
    ? (Object.fromEntries(values.map(pair => listOf(pair)) as [string, unknown][]) as Record<string, unknown>)
    : recordOf(values)
  if (given === undefined) throw new TemplateError(`dict() takes a dictionary or pairs, not ${describe(values)}`)
  return { ...given, ...named }
}

/** Jinja's functions. */
export const globals: Readonly<Record<string, unknown>> = {
  range,
  cycler,
  joiner: native('joiner', joiner),
  lipsum,
  dict: native('dict', dictionary),
  namespace: native('namespace', args => new Namespace(dictionary(args))),
}
