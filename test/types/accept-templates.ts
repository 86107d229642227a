// Compiled, never run: what must compile of templates.
import { Blueprint, bootstrap, type Context } from 'flaskoa'
import {
  AppContextProcessor,
  ContextProcessor,
  Markup,
  renderTemplate,
  renderTemplateString,
  TemplateFilter,
  templateFunction,
  TemplateGlobal,
  TemplateTest,
  templates,
  type TemplateEngine,
} from 'flaskoa/templates'
import { recordTemplates, type RenderedTemplate } from 'flaskoa/testing'

@Blueprint('/blog')
export class Blog {
  @ContextProcessor bare() {
    return { a: 1 }
  }
  @ContextProcessor() called(ctx: Context | undefined): object {
    return { path: ctx?.path }
  }
  @AppContextProcessor everywhere(): { readonly year: number } {
    return { year: 2026 }
  }
  @TemplateFilter money(cents: number, { currency = '€' } = {}) {
    return cents.toFixed() + currency
  }
  @TemplateFilter({ names: ['cents', 'currency'] }) price(cents: number, currency = '€') {
    return `${cents} ${currency}`
  }
  @TemplateFilter('short', { names: ['cents'] }) shortened(cents: number) {
    return String(cents)
  }
  readonly half: (value: number, digits?: number) => string = templateFunction(
    ['value', 'digits'],
    (value: number, digits = 1) => (value / 2).toFixed(digits),
  )
  @TemplateFilter() shout(text: string, ...marks: string[]) {
    return text + marks.join('')
  }
  @TemplateTest('cheap') isCheap(cents: number): boolean {
    return cents < 100
  }
  @TemplateGlobal('icon') icon(name: string): Markup {
    return new Markup(`<svg>${name}</svg>`)
  }
}

const engine: TemplateEngine = { render: (name: string, context: { readonly a: number }) => name + context.a.toFixed() }
export const app = bootstrap(Blog, {
  extensions: [
    templates(),
    templates('views'),
    templates(['views', 'shared']),
    templates({
      folders: 'views',
      blueprint: Blog,
      filters: { twice: (text: string) => text + text },
      globals: { a: 1 },
    }),
    templates({ engine }),
  ],
})
export const rendered: RenderedTemplate[] = recordTemplates(app)
export const texts: string[] = [
  renderTemplate('a.html'),
  renderTemplate(['a', 'b'], { a: 1 }),
  renderTemplateString('a'),
]
interface Page {
  readonly title: string
}
const page: Page = { title: 'a' }
export const typed: string = renderTemplate('a.html', page)
export const later: Promise<string> = renderTemplate<Promise<string>>('a.html', {})
