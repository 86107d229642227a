/** Whether a value is an object with named properties: not `null`, not a list, not a function. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
