import type Koa from 'koa'
import type { Extension } from '../plan/extension'
import { runtimesOf } from '../request/runtime'

/**
 * An extension of an application by its name, for functions that an extension offers: `extensionOf(currentApp(), 'database')`.
 *
 * @returns `undefined` if the application has no such extension
 */
export function extensionOf(app: Koa, name: string): Extension | undefined {
  return runtimesOf(app)
    .flatMap(({ plan }) => plan.extensions)
    .find(extension => extension.name === name)
}
