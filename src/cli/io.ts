/** Where a command reads and writes: of the process, or of a test. */
export interface Io {
  readonly stdout: NodeJS.WritableStream
  readonly stderr: NodeJS.WritableStream
  readonly stdin: NodeJS.ReadableStream
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether `stdout` is a terminal. */
  readonly isTerminal: boolean
  /** Imports a module by its URL. */
  readonly importModule: (url: string) => Promise<unknown>
}
