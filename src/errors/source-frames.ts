/**
 * On an error: places in files other than JavaScript that led to it, such as the lines of templates. The page of debug mode shows
 * them before the frames of the stack.
 */
export const SOURCE_FRAMES = Symbol.for('flaskoa.sourceFrames')

/** One such place, innermost first. */
export interface SourceFrame {
  /** What has the line: `block content`. */
  readonly name: string
  /** The path of the file, or another name. */
  readonly file: string
  /** Begins with 1. */
  readonly line: number
  /** The whole text of the file, for the lines around this one. */
  readonly text: string
}

/** ` (/srv/app/templates/base.html:12)`: the innermost such place, for a log. Empty without one, and for an error that can't be read. */
export function sourcePlaceOf(error: Error): string {
  try {
    const [frame] = (error as { readonly [SOURCE_FRAMES]?: readonly SourceFrame[] })[SOURCE_FRAMES] ?? []
    return frame === undefined ? '' : ` (${frame.file}:${frame.line})`
  } catch {
    return ''
  }
}
