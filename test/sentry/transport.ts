/** What Sentry would have sent, by type. */
export const sent: { type: string; item: unknown }[] = []

/** In the place of the transport that sends over the network. */
export const transport = () => ({
  send: (envelope: readonly unknown[]) => {
    const items = envelope[1] as readonly [{ type: string }, unknown][]
    for (const [{ type }, item] of items) sent.push({ type, item })
    return Promise.resolve({})
  },
  flush: () => Promise.resolve(true),
})
