import { isoText, strftime } from './dates'
import { methodTable } from './methods'

/** Those of a date, which is in UTC. */
export const dateMethods = methodTable({
  strftime,
  isoformat: (date: Date, separator?: string) => isoText(date, separator ?? 'T'),
  isoweekday: (date: Date) => date.getUTCDay() || 7,
  timestamp: (date: Date) => date.getTime() / 1000,
  weekday: (date: Date) => (date.getUTCDay() + 6) % 7,
})

/** What Python has as attributes of a date. */
export const dateAttributes: Readonly<Record<string, ((date: Date) => number) | undefined>> = Object.assign(
  Object.create(null) as object,
  {
    year: (date: Date) => date.getUTCFullYear(),
    month: (date: Date) => date.getUTCMonth() + 1,
    day: (date: Date) => date.getUTCDate(),
    hour: (date: Date) => date.getUTCHours(),
    minute: (date: Date) => date.getUTCMinutes(),
    second: (date: Date) => date.getUTCSeconds(),
    microsecond: (date: Date) => date.getUTCMilliseconds() * 1000,
  },
)
