/**
 * For each store, the last pending work of each key. Weak, because each request may have a store of its own, which must not
 * outlive the request.
 */
const queues = new WeakMap<object, Map<string, Promise<unknown>>>()

/** How long work waits for earlier work on the same key, in milliseconds: a store may never answer. */
const MAX_WAIT_MS = 10_000

/** Runs `work` after all earlier work of this process on the same key of the same store has ended. */
export async function exclusively<T>(store: object, key: string, work: () => Promise<T>): Promise<T> {
  const queue = queues.get(store) ?? new Map<string, Promise<unknown>>()
  queues.set(store, queue)
  const before = queue.get(key)
  const running = before === undefined ? work() : settledOrLate(before).then(work)
  queue.set(key, running)
  try {
    return await running
  } finally {
    if (queue.get(key) === running) queue.delete(key)
  }
}

/** Resolves when `work` is settled, or after `MAX_WAIT_MS`. */
function settledOrLate(work: Promise<unknown>): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, MAX_WAIT_MS)
    const settle = () => {
      clearTimeout(timer)
      resolve()
    }
    work.then(settle, settle)
  })
}
