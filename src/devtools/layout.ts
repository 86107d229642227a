import type { Frame } from './frames'
import type { RanMethod } from './lifecycle-rows'

/** What the page as HTML and as text have in common. */

/** The application's own frames, and all others. */
export function splitFrames(frames: readonly Frame[]): { own: readonly Frame[]; foreign: readonly Frame[] } {
  const isOwn = ({ owner }: Frame) => owner === 'application'
  return { own: frames.filter(isOwn), foreign: frames.filter(frame => !isOwn(frame)) }
}

const OWNERS: Readonly<Record<Frame['owner'], string>> = {
  application: 'the application',
  flaskoa: 'flaskoa',
  package: 'packages',
  node: 'Node',
}

/** `12 more calls in flaskoa, packages and Node`; `undefined` if there are none. */
export function foldedCalls(frames: readonly Frame[]): string | undefined {
  const [last, ...others] = [...new Set(frames.map(({ owner }) => OWNERS[owner]))].reverse()
  if (last === undefined) return undefined
  const owners = others.length === 0 ? last : `${others.reverse().join(', ')} and ${last}`
  return `${frames.length} more ${frames.length === 1 ? 'call' : 'calls'} in ${owners}`
}

/** Where the bar of a method begins and how wide it is, if that of the whole request is `width` wide. */
export function barOf({ at, duration }: RanMethod, all: readonly RanMethod[], width: number) {
  const end = Math.max(0.001, ...all.map(each => each.at + (each.duration ?? 0)))
  const scale = width / end
  return { start: at * scale, width: (duration ?? end - at) * scale }
}
