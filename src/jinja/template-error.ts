import { SOURCE_FRAMES, type SourceFrame } from '../errors/source-frames'

/** A mistake in a template: its syntax, an undefined value, a filter that does not exist. */
export class TemplateError extends Error {
  override readonly name: string = 'TemplateError'
}

/** A template that does not exist, or lies in none of the folders. */
export class TemplateNotFound extends TemplateError {
  override readonly name = 'TemplateNotFound'
}

/** A template's text, for the errors in it. */
export interface SourceText {
  readonly name: string
  /** The path of its file; `undefined` for the template of a string. */
  readonly file: string | undefined
  readonly source: string
}

/** A part of a template that is named in the stack of an error: the template itself, a block or a macro. */
export interface Unit {
  readonly label: string
  readonly text: SourceText
}

const MOST_FRAMES = 30

/**
 * Notes on an error where in the templates it was thrown, once for each unit, the innermost first. The error stays the same
 * object, because
 * error handlers find it by its class. Only the error for a full stack becomes one that names the place.
 */
export function located(error: unknown, unit: Unit, line: number): unknown {
  if (!(error instanceof Error) || !Object.isExtensible(error)) return error
  if (isOverflow(error)) return located(overflow(error, unit, line), unit, line)
  const frames = framesOf(error)
  if (frames.length === 0 && error instanceof TemplateError) namePlace(error, unit, line)
  const frame = { name: unit.label, file: unit.text.file ?? unit.text.name, line, text: unit.text.source }
  const isKnown = frames.some(({ name, file }) => name === frame.name && file === frame.file)
  if (!isKnown && frames.length < MOST_FRAMES) frames.push(frame)
  return error
}

function framesOf(error: Error & { [SOURCE_FRAMES]?: SourceFrame[] }): SourceFrame[] {
  if (error[SOURCE_FRAMES] === undefined) Object.defineProperty(error, SOURCE_FRAMES, { value: [] })
  return error[SOURCE_FRAMES] as unknown as SourceFrame[]
}

const overflow = (cause: Error, { text }: Unit, line: number) =>
  new RangeError(
    `${text.name}:${line}: ${cause.message}: is the template nested too deeply, or does it include or call itself?`,
    { cause },
  )

/** Whether the stack was full. Any function may be the one that notices it, so the error says nothing about templates. */
export const isOverflow = ({ name, message }: Error): boolean =>
  name === 'RangeError' && message === 'Maximum call stack size exceeded'

function namePlace(error: TemplateError, unit: Unit, line: number): void {
  const { message, stack } = error
  error.message = `${unit.text.name}:${line}: ${message}`
  error.stack = (stack as string).replace(message, () => error.message)
}
