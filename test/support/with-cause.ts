/** The message of an error, and that of its cause: a store's failure has the store's own error there. */
export const withCause = ({ message, cause }: Error): string =>
  cause instanceof Error ? `${message}: ${cause.message}` : message
