/** The form of HTTP's dates, and the two older ones that a server still has to know (RFC 9110, 5.6.7). */
const IMF = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/
const RFC850 = /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/

/** The time of a date in milliseconds; `undefined` for a text that is not a date, which counts as if the field were not sent. */
export function httpDate(text: string | undefined): number | undefined {
  const date = (text ?? '').trim()
  const isAsctime = ASCTIME.test(date)
  if (!isAsctime && !IMF.test(date) && !RFC850.test(date)) return undefined
  // asctime's form names no zone and means GMT.
  const time = Date.parse(isAsctime ? `${date} GMT` : date)
  return Number.isNaN(time) ? undefined : time
}
