/** The longest delay of a timer of Node's, in milliseconds. A longer one would end at once. */
export const LONGEST_DELAY_MS = 2 ** 31 - 1

/** Whether a value is a whole number of milliseconds that a timer can wait for. @param least 0 or 1 */
export const isDelay = (value: unknown, least: number): boolean =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= LONGEST_DELAY_MS
