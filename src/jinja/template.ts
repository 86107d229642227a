import { native } from './calls'
import { Markup } from './markup'
import { Scope, type Block, type Language, type Rendering, type Template } from './scope'
import { TemplateError } from './template-error'

/** What has the blocks as functions: {{ self.title() }}. */
const SELF = 'self'

/** Renders a template. @param around the names that it sees, of the template that includes it */
export function renderTemplate(
  language: Language,
  template: Template,
  context: Readonly<Record<string, unknown>>,
  around?: Scope,
): string {
  return runIn(scopeFor(language, template, around, context), template)
}

/** The macros and variables of a template, for another one. Names with a `_` at their beginning are private. */
export function moduleOf(language: Language, template: Template, around: Scope | undefined): Record<string, unknown> {
  const scope = scopeFor(language, template, around, {})
  runIn(scope, template)
  return Object.fromEntries([...scope.names].filter(([name]) => name !== SELF && !name.startsWith('_')))
}

function scopeFor(
  language: Language,
  template: Template,
  around: Scope | undefined,
  context: Readonly<Record<string, unknown>>,
): Scope {
  const rendering: Rendering = { language, blocks: new Map(), parent: undefined }
  const scope = new Scope(rendering, around, template.escapes, new Map(Object.entries(context)))
  scope.set(SELF, Object.create(null))
  return scope
}

/** Runs a template and what it extends in turn. */
function runIn(scope: Scope, first: Template): string {
  const { rendering } = scope
  const seen = new Set<Template>()
  let text = ''
  for (let template: Template | undefined = first; template !== undefined; template = rendering.parent) {
    if (seen.has(template)) throw new TemplateError(`the template ${template.name} extends itself`)
    seen.add(template)
    for (const block of template.blocks) addBlock(scope, block)
    rendering.parent = undefined
    text += template.run(scope.root(template.escapes))
  }
  return text
}

function addBlock(scope: Scope, block: Block): void {
  const { blocks } = scope.rendering
  const { name, escapes } = block
  blocks.set(name, [...(blocks.get(name) ?? []), block])
  const self = scope.get(SELF) as Record<string, unknown>
  self[name] = native(name, () => safeIf(escapes, blockText(scope, name)))
}

/**
 * The text of a block in the innermost template that has it.
 *
 * @param isScoped whether the block sees the names around it, such as those of a loop, and not only those of its template
 */
export function blockText(scope: Scope, name: string, isScoped = false): string {
  const blocks = scope.rendering.blocks.get(name) as Block[]
  return runBlock(blocks, escapes => (isScoped ? scope.inner(escapes) : scope.root(escapes).inner()))
}

function runBlock([block, ...parents]: readonly Block[], scopeFor: (escapes: boolean) => Scope): string {
  if (block === undefined) throw new TemplateError('super(): no template around this one has a block of this name')
  const { name, escapes, isRequired, run } = block
  if (isRequired)
    throw new TemplateError(`the block '${name}' is required: a template that extends this one must have it`)
  const inner = scopeFor(escapes)
  inner.set('super', superOf(parents, escapes, scopeFor))
  return run(inner)
}

/** `super()`, and `super.super()` of the template around that one. */
function superOf(blocks: readonly Block[], escapes: boolean, scopeFor: (escapes: boolean) => Scope): object {
  const made = native('super', () => safeIf(escapes, runBlock(blocks, scopeFor)))
  const [, ...parents] = blocks
  return parents.length === 0 ? made : Object.assign(made, { super: superOf(parents, escapes, scopeFor) })
}

/** A text that a template has made is not escaped again. */
export const safeIf = (escapes: boolean, text: string): string | Markup => (escapes ? new Markup(text) : text)
