import { definingTags } from './defining-tags'
import { Lexer, SyntaxProblem } from './lexer'
import { StatementParser } from './statement-parser'
import type { Statement, Template } from './scope'
import { isOverflow, located, type SourceText } from './template-error'
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
    const { run } = readAll(parser)
    return { ...text, escapes, run, blocks: parser.blocks }
  } catch (error) {
    // Lexer and parser throw nothing else.
    throw located(error, { label: `template ${text.name}`, text }, (error as SyntaxProblem).line)
  }
}

/** Reads a template to its end. Each bracket and tag around another one takes a part of the stack. */
function readAll(parser: StatementParser): { readonly run: Statement } {
  try {
    return parser.body('', 1)
  } catch (error) {
    throw isOverflow(error as Error) ? new SyntaxProblem('the template is nested too deeply', parser.line) : error
  }
}
