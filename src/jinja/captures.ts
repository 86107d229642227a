import type { Expression } from './expressions'
import type { Scope } from './scope'
import { safeIf } from './template'

/** The text between two tags, under a name that no template can write. */
const CAPTURED = ' captured'

/** The text that was captured: what filters behind a tag begin with. */
export const captured: Expression = scope => scope.get(CAPTURED)

/** A scope in which `captured` is this text. */
export function capturing(scope: Scope, text: string): Scope {
  const inner = scope.inner()
  inner.set(CAPTURED, safeIf(scope.escapes, text))
  return inner
}
