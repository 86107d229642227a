import { definingTags } from './defining-tags'
import { Lexer, SyntaxProblem } from './lexer'
import { StatementParser } from './statement-parser'
import type { Template } from './scope'
import { located, type SourceText } from './template-error'
import { flowTags } from './flow-tags'
import { templateTags } from './template-tags'

const TAGS = { ...flowTags, ...definingTags, ...templateTags }

/**
 * Compiles a template.
 *
 * @param escapes whether texts are escaped in it
 * @throws TemplateError for a mistake in its syntax
 */
export function compile(text: SourceText, escapes: boolean): Template {
  try {
    const parser = new StatementParser(new Lexer(text.source).tokens(), text, escapes, TAGS)
    const { run } = parser.body('', 1)
    return { ...text, escapes, run, blocks: parser.blocks }
  } catch (error) {
    throw error instanceof SyntaxProblem ? located(error, { label: `template ${text.name}`, text }, error.line) : error
  }
}
