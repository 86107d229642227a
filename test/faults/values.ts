import type { Fault } from './plan'

/** Values that look like JSON and are none. */
export function unserialisable(manner: Fault['manner']): object {
  if (manner === 'bigint') return { amount: 1n }
  if (manner === 'a date') return new Date(0)
  if (manner === 'circular') {
    const circle: { self?: object } = {}
    return (circle.self = circle)
  }
  return {
    toJSON() {
      throw new Error('from toJSON')
    },
  }
}
