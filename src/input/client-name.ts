/**
 * A file's name as its client gives it, but never a path: without directories, control characters and the names `.` and
 * `..`. It may be empty.
 */
export function clientName(filename: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is removed
  const name = filename.replace(/[\u0000-\u001f\u007f]/g, '').replace(/^.*[\\/]/, '')
  return name === '.' || name === '..' ? '' : name
}
