/** The texts of forms and queries for a boolean; `undefined` for any other. */
export function toBoolean(text: string): boolean | undefined {
  if (text === 'true' || text === '1' || text === 'on') return true
  return text === 'false' || text === '0' || text === 'off' ? false : undefined
}
