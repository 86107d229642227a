import escapeHtml from 'escape-html'
import type { NearRoute } from '../inspect/near-routes'
import type { PageFacts, ShownRequest } from './facts'
import type { Frame } from './frames'
import { barOf, foldedCalls, splitFrames } from './layout'
import type { RanMethod, ShownLifecycle } from './lifecycle-rows'
import { errorsBehind, type ShownError } from './shown-error'
import type { SkippedMethod } from './skipped-methods'
import type { Sources } from './sources'
import { STYLE } from './style'
import type { ShownValue } from './values'

const AROUND = 5
const MOST_OPEN = 1

/** The page as HTML: without a script, and without anything from elsewhere. @param nonce of its style */
export function htmlPage(facts: PageFacts, sources: Sources, nonce: string): string {
  const { error, nearest, lifecycle, request, session, g } = facts
  const { name, message } = error
  const sections = [
    summary(facts),
    nearest === undefined ? stackHtml(error, sources, MOST_OPEN) : nearestHtml(nearest),
    ...errorsBehind(error).map(
      ({ heading, error: each }) =>
        `<section class="error"><h2>${escapeHtml(heading)}</h2>\n${paragraph(each.message)}\n${stackHtml(each, sources, MOST_OPEN)}</section>`,
    ),
    lifecycle && lifecycleHtml(lifecycle),
    requestHtml(request),
    session && valuesHtml('session', 'Session', session),
    g && valuesHtml('g', 'g', g),
  ]
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escapeHtml(`${name}: ${message}`)}</title>
<style nonce="${nonce}">${STYLE}</style>
<main>
${sections.filter(section => section !== undefined).join('\n')}
</main>
</html>
`
}

function summary({ status, error: { name, message }, request: { method, url } }: PageFacts): string {
  const where = `${status} <span>${escapeHtml(method)} ${escapeHtml(url)}</span>`
  return `<header class="error"><div class="where">${where}</div>\n<h1>${escapeHtml(name)}</h1>\n${paragraph(message)}</header>`
}

const paragraph = (text: string) => `<p>${escapeHtml(text)}</p>`

/** The application's own calls first, and all others folded. */
function stackHtml({ stack, frames = [] }: ShownError, sources: Sources, open: number): string {
  if (stack === undefined) return ''
  const { own, foreign } = splitFrames(frames)
  const shown = own.map((frame, index) => frameHtml(frame, sources, index < open)).join('\n')
  const folded = foldedCalls(foreign)
  const others = foreign.map(frame => `<li>${callHtml(frame)}</li>`).join('\n')
  const fold = folded && `<details class="folded"><summary>${folded}</summary>\n<ol>${others}</ol></details>`
  const raw = `<details class="folded"><summary>The stack as text</summary>\n<pre>${escapeHtml(stack)}</pre></details>`
  return [shown, fold, raw].filter(Boolean).join('\n')
}

function frameHtml(frame: Frame, sources: Sources, isOpen: boolean): string {
  const excerpt = sources.excerpt(frame.file, frame.line, AROUND)
  if (excerpt === undefined) return `<div class="frame">${callHtml(frame)}</div>`
  const lines = excerpt.lines.map((text, index) => {
    const number = excerpt.first + index
    const line = `<span class="number">${number}</span> ${escapeHtml(text)}`
    return number === frame.line ? `<mark>${line}</mark>` : `<span>${line}</span>`
  })
  const source = `<pre class="source">${lines.join('\n')}</pre>`
  return `<details class="frame"${isOpen ? ' open' : ''}><summary>${callHtml(frame)}</summary>${source}</details>`
}

function callHtml({ name, file, line, column }: Frame): string {
  return `<b>${escapeHtml(name || 'the module')}</b> <code>${escapeHtml(file)}:${line}:${column}</code>`
}

function nearestHtml(rules: readonly NearRoute[]): string {
  const rows = rules.map(({ methods, rule, endpoint, why }) => {
    const cells = [`<code>${escapeHtml(rule)}</code>`, escapeHtml(why), methods.join(', '), escapeHtml(endpoint)]
    return `<tr>${cells.map(cell => `<td>${cell}</td>`).join('')}</tr>`
  })
  const table = `<table class="rules"><tr><th>Rule<th>Why not<th>Methods<th>Endpoint</tr>\n${rows.join('\n')}</table>`
  const found = rules.length === 0 ? paragraph('No rule of the application comes near.') : table
  return sectionHtml('rules', 'The nearest rules', found)
}

const sectionHtml = (id: string, title: string, content: string) =>
  `<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>\n${content}</section>`

function lifecycleHtml({ ran, skipped }: ShownLifecycle): string {
  const rows = [...ran.map(row => ranHtml(row, ran)), ...skipped.map(skippedHtml)]
  const content =
    rows.length === 0 ? paragraph('No method has run.') : `<table class="lifecycle">${rows.join('\n')}</table>`
  return sectionHtml('lifecycle', 'The lifecycle of this request', content)
}

function ranHtml(row: RanMethod, all: readonly RanMethod[]): string {
  const { start, width } = barOf(row, all, 100)
  // Attributes, and no style: the page's policy forbids styles that are not in its own sheet.
  const rect = `<rect x="${Math.min(start, 99).toFixed(2)}" width="${Math.max(width, 1).toFixed(2)}" height="8"/>`
  const bar = `<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">${rect}</svg>`
  const time = row.duration === null ? '' : `${row.duration.toFixed(2)} ms`
  const kind = row.threw ? 'threw' : 'ran'
  return `<tr class="${kind}">${methodHtml(row)}<td class="bar">${bar}</td><td class="time">${time}</td><td>${escapeHtml(row.outcome)}</td></tr>`
}

const skippedHtml = (row: SkippedMethod) =>
  `<tr class="skipped">${methodHtml(row)}<td class="why" colspan="3">has not run: ${escapeHtml(row.why)}</td></tr>`

const methodHtml = ({ stage, method }: RanMethod | SkippedMethod) =>
  `<td class="stage">${stage}</td><th scope="row">${escapeHtml(method)}</th>`

function requestHtml({ method, url, httpVersion, fields }: ShownRequest): string {
  const line = `<p><code>${escapeHtml(`${method} ${url} HTTP/${httpVersion}`)}</code></p>`
  return sectionHtml('request', 'Request', `${line}\n${tableHtml(fields)}`)
}

const valuesHtml = (id: string, title: string, values: readonly ShownValue[]) =>
  sectionHtml(id, title, values.length === 0 ? '<p>empty</p>' : tableHtml(values))

function tableHtml(values: readonly ShownValue[]): string {
  const rows = values.map(({ key, kind, value }) => {
    const shown = value === undefined ? `<i>${escapeHtml(kind)}</i>` : `<code>${escapeHtml(value)}</code>`
    return `<tr><th scope="row">${escapeHtml(key)}</th><td>${shown}</td></tr>`
  })
  return `<table class="values">${rows.join('\n')}</table>`
}
