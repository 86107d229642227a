/** A wrong call of a command: exit code 2. The message is all that is printed. */
export class UsageError extends Error {}
