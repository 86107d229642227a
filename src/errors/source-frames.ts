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
