import type { Class } from '../decorators/types'
import { describe } from '../errors/describe'
import { SetupError } from '../errors/setup-error'
import { checkKinds, type OptionKinds } from '../plan/option-kinds'

/** The options of `staticFiles`. */
export interface StaticOptions {
  /** The beginning of the URLs, after the prefix of the blueprint if there is one. Default `/static`. */
  prefix?: string | undefined
  /** The name for `urlFor`. Default `static`. */
  endpoint?: string | undefined
  /** The blueprint whose files they are: `urlFor('blog.static', …)`. Default: the application. */
  blueprint?: Class | undefined
  /** How long caches may use a file without asking, in milliseconds. Default 0: they ask each time, which a 304 answers. */
  maxAge?: number | undefined
  /** Whether `urlFor` adds the file's version, `?v=…`, with which caches keep it for a year. Default false. */
  versions?: boolean | undefined
  /** Whether `style.css.br` or `style.css.gz` is sent for `style.css` to clients that decode it. Default false. */
  precompressed?: boolean | undefined
}

const OPTIONS: OptionKinds<StaticOptions> = {
  prefix: 'text',
  endpoint: 'text',
  blueprint: 'function',
  maxAge: 'count',
  versions: 'boolean',
  precompressed: 'boolean',
}

/** Throws a SetupError for options that do not exist or can't work. */
export function checkStaticOptions(folder: unknown, options: StaticOptions): void {
  checkKinds(options, OPTIONS, 'staticFiles')
  if (typeof folder !== 'string' || folder === '')
    throw new SetupError('BAD_OPTION', `staticFiles needs the path of a folder, a text, not ${describe(folder)}.`)
  const { prefix = '/static' } = options
  if (prefix === '' || /^\/.*[^/]$/.test(prefix)) return
  throw new SetupError(
    'BAD_OPTION',
    `staticFiles: the option prefix must begin with '/' and not end with it, like '/static', not ${describe(prefix)}.`,
  )
}
