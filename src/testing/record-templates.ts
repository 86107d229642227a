import type { Application } from '../events'

/** A template that was rendered in a test. */
export interface RenderedTemplate {
  /** `undefined` for `renderTemplateString`. */
  readonly name: string | undefined
  /** The values of the view, with those of context processors. */
  readonly context: Readonly<Record<string, unknown>>
}

/**
 * Records which templates an application renders from now on, with their contexts: Flask's `template_rendered`.
 *
 * @returns a list that grows with each rendering
 * @example const rendered = recordTemplates(app); await client.get('/'); expect(rendered[0]?.context.posts).toHaveLength(1)
 */
export function recordTemplates(app: Application): RenderedTemplate[] {
  const rendered: RenderedTemplate[] = []
  app.on('templateRendered', (name, context) => rendered.push({ name, context }))
  return rendered
}
