/** The signals by which a terminal, a process manager or a container runtime stops a process. */
export const PROCESS_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const

/**
 * How long repeated signals count as one, in milliseconds: a terminal sends a signal to all processes of a group, and a
 * parent process may pass the same signal on to this one.
 */
const REPEAT_WINDOW_MS = 1000

/** Calls `act` at the first signal. Another signal, later, exits the process at once. Returns a function that removes the listeners. */
export function onSignals(
  act: (signal: string) => void,
  signals: readonly (typeof PROCESS_SIGNALS)[number][] = PROCESS_SIGNALS,
): () => void {
  let firstAt: number | undefined
  const listener = (signal: string) => {
    if (firstAt === undefined) act(signal)
    else if (performance.now() > firstAt + REPEAT_WINDOW_MS) process.exit(1)
    firstAt ??= performance.now()
  }
  for (const signal of signals) process.on(signal, listener)
  return () => {
    for (const signal of signals) process.off(signal, listener)
  }
}
