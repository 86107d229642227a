/** What a terminal, a process manager or a container's runtime ends a process with. */
export const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const

/** A terminal tells all processes of a group, and a program that has started this one may tell it again: that is one signal. */
const ECHO = 1000

/** Calls `act` at the first signal. Another one, later, ends the process at once. Returns what takes the listeners back. */
export function onSignals(act: (signal: string) => void): () => void {
  let at: number | undefined
  const listener = (signal: string) => {
    if (at === undefined) act(signal)
    else if (performance.now() > at + ECHO) process.exit(1)
    at ??= performance.now()
  }
  for (const signal of SIGNALS) process.on(signal, listener)
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener)
  }
}
