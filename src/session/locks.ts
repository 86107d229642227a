/** For each store, the last work that was begun on each key and has not ended. */
const queues = new WeakMap<object, Map<string, Promise<unknown>>>()

/** How long work waits for what was begun before it, in milliseconds: a store may never answer. */
const LEASE = 10_000

/** Does `work` when all work on the same key of the same store that was begun before, in this process, has ended. */
export async function exclusively<T>(store: object, key: string, work: () => Promise<T>): Promise<T> {
  const queue = queues.get(store) ?? new Map<string, Promise<unknown>>()
  queues.set(store, queue)
  const before = queue.get(key)
  const running = before === undefined ? work() : ended(before).then(work)
  queue.set(key, running)
  try {
    return await running
  } finally {
    if (queue.get(key) === running) queue.delete(key)
  }
}

/** Resolves when `work` has ended in one way or the other, or has had its time. */
function ended(work: Promise<unknown>): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, LEASE)
    const end = () => {
      clearTimeout(timer)
      resolve()
    }
    work.then(end, end)
  })
}
