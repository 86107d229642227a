import { describe } from '../errors/describe'
import { SetupError } from '../errors/setup-error'
import { checkKinds, type OptionKinds } from '../plan/option-kinds'
import type { HealthCheck } from './check'

/** The options of `healthBlueprint`. */
export interface HealthBlueprintOptions {
  /** What must work for the application to be ready, by name: `{ database: () => db.ping() }`. */
  checks?: Readonly<Record<string, HealthCheck>> | undefined
  /** How long each check may take, in milliseconds. Default 1,000. */
  timeout?: number | undefined
  /** The beginning of the paths. Default: none. */
  prefix?: string | undefined
  /** The name of the blueprint, the first part of its endpoints. Default `'health'`. */
  name?: string | undefined
  /** Whether the application's `@AfterResponse` methods run for these requests as well. Default false. */
  log?: boolean | undefined
}

const OPTIONS: OptionKinds<HealthBlueprintOptions> = {
  checks: 'object',
  timeout: 'milliseconds',
  prefix: 'text',
  name: 'text',
  log: 'boolean',
}

/** Throws a SetupError for an option that does not exist or is of the wrong type. */
export function checkHealthOptions(options: HealthBlueprintOptions): void {
  checkKinds(options, OPTIONS, 'healthBlueprint')
  for (const [name, check] of Object.entries(options.checks ?? {})) {
    if (typeof check === 'function') continue
    throw new SetupError(
      'BAD_OPTION',
      `healthBlueprint: the check ${name} must be a function, not ${describe(check)}: { ${name}: () => db.ping() }.`,
    )
  }
}
