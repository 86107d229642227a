// Compiled, never run: what must not compile of templates.
import { ContextProcessor, renderTemplate, TemplateFilter, templates } from 'flaskoa/templates'

export class App {
  // @ts-expect-error a context processor must return an object with names for the template
  @ContextProcessor text() {
    return 'text'
  }
  // @ts-expect-error only methods can be decorated, not fields, accessors or classes
  @TemplateFilter field = 1
}

// @ts-expect-error is not assignable to parameter of type 'string | readonly string[]'
renderTemplate(5)
// @ts-expect-error 'folder' does not exist in type
templates({ folder: 'views' })
// @ts-expect-error is not assignable to type
templates({ filters: { a: 1 } })
