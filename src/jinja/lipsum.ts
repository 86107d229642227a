import { bind, native } from './calls'
import { Markup } from './markup'

const WORDS = (
  'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna aliqua ' +
  'enim ad minim veniam quis nostrud exercitation ullamco laboris nisi aliquip ex ea commodo consequat duis aute irure in ' +
  'reprehenderit voluptate velit esse cillum fugiat nulla pariatur excepteur sint occaecat cupidatat non proident'
).split(' ')

/** A whole number from `low` up to `high`, which is left out. */
const between = (low: number, high: number) => low + Math.floor(Math.random() * Math.max(1, high - low))

function paragraph(low: number, high: number): string {
  const words = Array.from({ length: between(low, high) }, () => WORDS[between(0, WORDS.length)] as string)
  const text = words.map((word, index) => (index % 9 === 8 && index < words.length - 1 ? `${word},` : word)).join(' ')
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

/** `lipsum(n=5, html=true, min=20, max=100)`: paragraphs of words without a sense, each of `min` to `max` words. */
export const lipsum = native('lipsum', args => {
  const { n, html, min, max } = bind('lipsum()', args, { n: 5, html: true, min: 20, max: 100 })
  const paragraphs = Array.from({ length: n }, () => paragraph(min, max))
  return html ? new Markup(paragraphs.map(text => `<p>${text}</p>`).join('\n')) : paragraphs.join('\n\n')
})
