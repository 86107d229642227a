/** How long the process of the application may take to end by itself, in milliseconds. */
export const KILL_AFTER_MS = 500
