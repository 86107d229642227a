const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
]

const padded = (value: number, width = 2) => String(value).padStart(width, '0')

const dayOfYear = (date: Date) => Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1

const DIRECTIVES: Readonly<Record<string, (date: Date) => string>> = {
  a: date => (DAYS[date.getUTCDay()] as string).slice(0, 3),
  A: date => DAYS[date.getUTCDay()] as string,
  b: date => (MONTHS[date.getUTCMonth()] as string).slice(0, 3),
  B: date => MONTHS[date.getUTCMonth()] as string,
  c: date => strftime(date, '%a %b %e %H:%M:%S %Y'),
  d: date => padded(date.getUTCDate()),
  D: date => strftime(date, '%m/%d/%y'),
  e: date => String(date.getUTCDate()).padStart(2),
  f: date => padded(date.getUTCMilliseconds() * 1000, 6),
  F: date => strftime(date, '%Y-%m-%d'),
  H: date => padded(date.getUTCHours()),
  I: date => padded(date.getUTCHours() % 12 || 12),
  j: date => padded(dayOfYear(date), 3),
  m: date => padded(date.getUTCMonth() + 1),
  M: date => padded(date.getUTCMinutes()),
  p: date => (date.getUTCHours() < 12 ? 'AM' : 'PM'),
  S: date => padded(date.getUTCSeconds()),
  T: date => strftime(date, '%H:%M:%S'),
  w: date => String(date.getUTCDay()),
  x: date => strftime(date, '%m/%d/%y'),
  X: date => strftime(date, '%H:%M:%S'),
  y: date => padded(date.getUTCFullYear() % 100),
  Y: date => String(date.getUTCFullYear()),
  z: () => '',
  Z: () => '',
  '%': () => '%',
}

/**
 * Python's `strftime`, for a date in UTC: `%d %B %Y`. A `-` leaves out zeros: `%-d`. An unknown directive stays as it is.
 */
export function strftime(date: Date, format: string): string {
  return format.replace(/%(-?)([a-zA-Z%])/g, (whole: string, minus: string, letter: string) => {
    const text = DIRECTIVES[letter]?.(date)
    if (text === undefined) return whole
    return minus === '' ? text : text.replace(/^[0 ]+(?=.)/, '')
  })
}

/** `2018-01-31T12:00:00`, in UTC, with microseconds if there are any. */
export function isoText(date: Date, separator: string): string {
  if (Number.isNaN(date.getTime())) return 'Invalid Date'
  const fraction = date.getUTCMilliseconds() === 0 ? '' : '.%f'
  return strftime(date, `%Y-%m-%d${separator}%H:%M:%S${fraction}`)
}
