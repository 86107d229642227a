/** A value as JSON.stringify takes it: a Date is a text, and any other object with a `toJSON` is what that gives. */
export function toJsonValue(value: unknown): unknown {
  const { toJSON } = (value ?? {}) as { readonly toJSON?: unknown }
  return typeof toJSON === 'function' ? (toJSON.call(value, '') as unknown) : value
}

/** The types that JSON Schema has for a value. */
export function jsonTypesOf(value: unknown): readonly string[] {
  if (value === null) return ['null']
  if (Array.isArray(value)) return ['array']
  return typeof value === 'number' && Number.isInteger(value) ? ['number', 'integer'] : [typeof value]
}
