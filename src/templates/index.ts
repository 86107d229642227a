export { templates, type Templates } from './extension'
export type { TemplateEngine, TemplatesOptions } from './options'
export { renderTemplate, renderTemplateString } from './render-template'
export { AppContextProcessor, ContextProcessor, TemplateFilter, TemplateGlobal, TemplateTest } from './decorators'
export { templateFunction } from './template-function'
export type {
  ContextProcessorDecorator,
  TemplateFunctionDecorator,
  TemplateFunctionMethodDecorator,
  TemplateFunctionOptions,
} from './decorators'
export { Markup } from '../jinja/markup'
export { TemplateError, TemplateNotFound } from '../jinja/template-error'
