import type { NearRoute } from '../inspect/near-routes'
import type { PageFacts, ShownRequest } from './facts'
import type { Frame } from './frames'
import type { RanMethod, ShownLifecycle } from './lifecycle-rows'
import { errorsBehind, type ShownError } from './shown-error'
import type { SkippedMethod } from './skipped-methods'
import type { Sources } from './sources'
import { barOf, foldedCalls, splitFrames } from './layout'
import type { ShownValue } from './values'

const WIDTH = 80
const AROUND = 2
const MOST_FRAMES = 5
const BAR = 16
const LONGEST_NAME = 28

/** The page as text, for a terminal with 80 columns. */
export function textPage(
  { error, nearest, lifecycle, request, session, g, status }: PageFacts,
  sources: Sources,
): string {
  const parts = [
    wrapped(`${error.name}: ${error.message}`),
    wrapped(`${status} for ${request.method} ${request.url}`),
    ...(nearest === undefined ? stackText(error, sources) : [nearestText(nearest)]),
    ...errorsBehind(error).flatMap(({ heading, error: each }) => [
      wrapped(`${heading}: ${each.message}`),
      ...stackText(each, sources),
    ]),
    lifecycle && lifecycleText(lifecycle),
    requestText(request),
    session && valuesText('Session', session),
    g && valuesText('g', g),
  ]
  return `${parts.filter(part => part !== undefined && part !== '').join('\n\n')}\n`
}

function stackText({ frames = [] }: ShownError, sources: Sources): string[] {
  const { own, foreign } = splitFrames(frames)
  const shown = own.slice(0, MOST_FRAMES).map(frame => frameText(frame, sources))
  const rest = foldedCalls([...own.slice(MOST_FRAMES), ...foreign])
  return [...shown, rest && wrapped(`(${rest})`, 2)].filter(part => part !== undefined)
}

function frameText({ name, file, line, column }: Frame, sources: Sources): string {
  const head = wrapped(`${name || 'the module'} ${file}:${line}:${column}`, 2)
  const excerpt = sources.excerpt(file, line, AROUND)
  if (excerpt === undefined) return head
  const width = String(excerpt.first + excerpt.lines.length).length
  const lines = excerpt.lines.map((text, index) => {
    const number = excerpt.first + index
    return clipped(`  ${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${safe(text)}`)
  })
  return [head, ...lines].join('\n')
}

function nearestText(rules: readonly NearRoute[]): string {
  if (rules.length === 0) return wrapped('No rule of the application comes near.')
  const lines = rules.map(({ methods, rule, endpoint, why }) =>
    wrapped(`${methods.join(', ')} ${rule} (${endpoint}) ${why}`, 2),
  )
  return ['The nearest rules:', ...lines].join('\n')
}

function lifecycleText({ ran, skipped }: ShownLifecycle): string {
  const all = [...ran, ...skipped]
  const stages = widest(all.map(({ stage }) => stage))
  const names = Math.min(LONGEST_NAME, widest(all.map(({ method }) => safe(method))))
  const begin = ({ stage, method }: RanMethod | SkippedMethod) =>
    `  ${stage.padEnd(stages)} ${clipped(safe(method), names).padEnd(names)}`
  const rows = ran.map(row => joined(`${begin(row)} |${bar(row, ran)}| ${duration(row)}`, row.outcome))
  const others = skipped.map(row => joined(begin(row), row.why))
  return [
    'The lifecycle of this request',
    ...(rows.length === 0 ? ['  No method has run.'] : rows),
    ...(others.length === 0 ? [] : ['Methods that have not run', ...others]),
  ].join('\n')
}

const widest = (texts: readonly string[]) => Math.max(0, ...texts.map(({ length }) => length))

/** Two texts in one line, or the second one below the first. */
function joined(first: string, second: string): string {
  const line = `${first}  ${safe(second)}`
  return line.length <= WIDTH ? line : `${first.trimEnd()}\n${wrapped(second, 6)}`
}

function bar(row: RanMethod, all: readonly RanMethod[]): string {
  const { start, width } = barOf(row, all, BAR)
  const from = Math.min(BAR - 1, Math.floor(start))
  const to = Math.min(BAR, Math.max(from + 1, Math.round(start + width)))
  return ' '.repeat(from) + '#'.repeat(to - from) + ' '.repeat(BAR - to)
}

const duration = ({ duration: milliseconds }: RanMethod) =>
  milliseconds === null ? '        ?' : `${milliseconds.toFixed(2).padStart(6)} ms`

function requestText({ method, url, httpVersion, fields }: ShownRequest): string {
  const lines = fields.map(({ key, value }) => wrapped(`${key}: ${value}`, 2))
  return ['Request', wrapped(`${method} ${url} HTTP/${httpVersion}`, 2), ...lines].join('\n')
}

function valuesText(title: string, values: readonly ShownValue[]): string {
  const lines = values.map(({ key, kind, value }) => wrapped(`${key}: ${value ?? kind}`, 2))
  return [title, ...(lines.length === 0 ? ['  empty'] : lines)].join('\n')
}

/** Without control characters, which a terminal would obey: they may come from the client. */
function safe(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are the ones
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, character => {
    if (character === '\t') return '  '
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
}

const clipped = (text: string, width = WIDTH) => (text.length > width ? `${text.slice(0, width - 1)}…` : text)

/** A text in lines of 80 characters. Those after the first are indented further. */
function wrapped(text: string, indent = 0): string {
  return text
    .split('\n')
    .map(line => wrappedLine(safe(line), indent))
    .join('\n')
}

function wrappedLine(text: string, indent: number): string {
  const lines: string[] = []
  let rest = text
  for (let begin = ' '.repeat(indent); ; begin = ' '.repeat(indent + 2)) {
    const width = WIDTH - begin.length
    if (rest.length <= width) return [...lines, begin + rest].join('\n')
    const space = rest.lastIndexOf(' ', width)
    const end = space > 0 ? space : width
    lines.push(begin + rest.slice(0, end))
    rest = rest.slice(end).trimStart()
  }
}
