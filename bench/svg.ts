/** The SVG elements that the pictures use. Colours follow the reader's light or dark setting. */

interface Colors {
  readonly paper: string
  readonly ink: string
  readonly muted: string
  readonly faint: string
  readonly own: string
  readonly second: string
  readonly other: string
}

const light: Colors = {
  paper: '#ffffff',
  ink: '#1f2328',
  muted: '#59636e',
  faint: '#d1d9e0',
  own: '#0c7fbd',
  second: '#c2570c',
  other: '#a9b4c0',
}
const dark: Colors = {
  paper: '#0d1117',
  ink: '#e6edf3',
  muted: '#9198a1',
  faint: '#30363d',
  own: '#4db8f0',
  second: '#ff9d4d',
  other: '#59636f',
}

const FONTS = `
    text { font: 12px system-ui, sans-serif }
    .title { font-size: 15px; font-weight: 600 }
    .panel { font-weight: 600 }
    .muted { font-size: 11px }
    .right { text-anchor: end }
    .middle { text-anchor: middle }
    .line { fill: none; stroke-width: 2 }`

const rules = ({ paper, ink, muted, faint, own, second, other }: Colors) => `
    .paper { fill: ${paper} } text, .base { fill: ${ink} } .muted { fill: ${muted} }
    .own { fill: ${own} } .second { fill: ${second} } .other { fill: ${other} }
    .grid { stroke: ${faint} } .axis { stroke: ${muted} }
    .line.own { fill: none; stroke: ${own} } .line.second { fill: none; stroke: ${second} }`

const STYLE = `${FONTS}${rules(light)}\n    @media (prefers-color-scheme: dark) {${rules(dark)}\n    }`

export function picture(width: number, height: number, title: string, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(title)}">`,
    `  <style>${STYLE}\n  </style>`,
    `  <rect width="${width}" height="${height}" class="paper"/>`,
    ...parts.map(part => `  ${part}`),
    '</svg>',
    '',
  ].join('\n')
}

export function text(x: number, y: number, content: string, classes = ''): string {
  return `<text x="${short(x)}" y="${short(y)}"${classes === '' ? '' : ` class="${classes}"`}>${escape(content)}</text>`
}

export function rect(x: number, y: number, width: number, height: number, classes: string): string {
  return `<rect x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}" class="${classes}"/>`
}

export function line(x1: number, y1: number, x2: number, y2: number, classes: string): string {
  return `<line x1="${short(x1)}" y1="${short(y1)}" x2="${short(x2)}" y2="${short(y2)}" class="${classes}"/>`
}

export function polyline(points: readonly (readonly [number, number])[], classes: string): string {
  return `<polyline points="${points.map(point => point.map(short).join(',')).join(' ')}" class="${classes}"/>`
}

export function dot(x: number, y: number, classes: string): string {
  return `<circle cx="${short(x)}" cy="${short(y)}" r="3.5" class="${classes}"/>`
}

const short = (value: number) => Number(value.toFixed(1)).toString()
const escape = (content: string) => content.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;')
