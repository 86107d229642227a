import type { Class } from '../decorators/types'
import { describe } from '../errors/describe'
import { SetupError } from '../errors/setup-error'
import { checkKinds, type OptionKinds } from '../plan/option-kinds'

/** The options of `csrf`. */
export interface CsrfOptions {
  /** The blueprint whose routes it protects, with those of its nested blueprints. Default: all routes of the application. */
  blueprint?: Class | undefined
  /** The endpoints that need no token; in a blueprint without its name: `['webhook']`. Default: none. */
  except?: readonly string[] | undefined
  /** The name of the form's field. Default `csrf_token`. */
  field?: string | undefined
  /** The name of the header field for scripts. Default `X-CSRF-Token`. */
  header?: string | undefined
  /** Other origins whose pages may send requests with a token: `['https://login.example.com']`. Default: none. */
  trustedOrigins?: readonly string[] | undefined
}

const OPTIONS: OptionKinds<CsrfOptions> = {
  blueprint: 'function',
  except: 'names',
  field: 'text',
  header: 'field',
  trustedOrigins: 'texts',
}

/** Throws a SetupError for options that do not exist or can't work. */
export function checkCsrfOptions(options: CsrfOptions): void {
  checkKinds(options, OPTIONS, 'csrf')
  for (const origin of options.trustedOrigins ?? []) {
    if (URL.canParse(origin) && new URL(origin).origin === origin) continue
    throw new SetupError(
      'BAD_OPTION',
      `csrf: the option trustedOrigins has ${describe(origin)}, which is no origin: write 'https://login.example.com', in lower ` +
        'case and without a path.',
    )
  }
}
