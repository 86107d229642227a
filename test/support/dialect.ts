let seen: 'legacy' | 'standard' | undefined

function probe(_: unknown, at: unknown): void {
  seen = typeof at === 'object' ? 'standard' : 'legacy'
}

class _Probe {
  @probe
  method() {}
}

/** The dialect that the running tests were compiled in. */
export const dialect = seen
