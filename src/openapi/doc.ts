import type { OperationOptions } from '../decorators/route-options'
import { isRecord } from '../util/is-record'
import type { DocumentedRoute } from './route'

/** The option `doc` of a route, if it is not `false`. */
export const docOf = ({ declared: { doc } }: DocumentedRoute): OperationOptions => (isRecord(doc) ? doc : {})
