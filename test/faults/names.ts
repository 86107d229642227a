import type { Plan } from './plan'

const TEARDOWN = {
  app: ['App.teardown2', 'App.teardown1'],
  outer: ['Outer.teardown2', 'Outer.teardown1'],
  inner: ['Inner.teardown2', 'Inner.teardown1'],
}
const CONTEXT = ['Outer.appContext', 'App.appContext']
const AFTER_RESPONSE = {
  app: ['App.afterResponse2', 'App.afterResponse1'],
  outer: ['Outer.afterResponse'],
  inner: ['Inner.afterResponse'],
}

/** All that must run at the end of a request, once each, in this order. */
export function endOf(scope: Plan['scope'], isMatched: boolean): string[] {
  const levels =
    isMatched && scope === 'inner'
      ? (['inner', 'outer'] as const)
      : isMatched && scope === 'outer'
        ? (['outer'] as const)
        : []
  const own = (names: typeof TEARDOWN | typeof AFTER_RESPONSE) =>
    [...levels, 'app' as const].flatMap(level => names[level])
  return [...own(TEARDOWN), ...CONTEXT, ...own(AFTER_RESPONSE)]
}

const ALL = new Set(endOf('inner', true))

/** What of a request's log belongs to its end. */
export const ends = (log: readonly string[]): string[] => log.filter(each => ALL.has(each))

export const TEARDOWNS = [...Object.values(TEARDOWN).flat(), ...CONTEXT]
