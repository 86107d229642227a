/** Output that can't be written fails the command, without a message if its reader has gone, as `head` does. */
export function failAtClosedOutput(process: NodeJS.Process): void {
  const { stdout, stderr } = process
  const onError = ({ code, message }: NodeJS.ErrnoException) => {
    process.exitCode = 1
    if (code !== 'EPIPE') stderr.write(`${message}\n`)
  }
  stdout.on('error', onError)
  stderr.on('error', onError)
}
