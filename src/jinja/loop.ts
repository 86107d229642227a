import { native } from './calls'
import type { Scope, Statement } from './scope'
import { safeIf } from './template'
import { TemplateError } from './template-error'
import { isEqual } from './equality'
import { isTrue, listOf } from './values'
import type { Expression } from './expressions'
import type { Target } from './targets'

/** A compiled `{% for %}`. */
export interface Loop {
  readonly target: Target
  readonly source: Expression
  /** Which items are left out. */
  readonly condition: Expression | undefined
  readonly isRecursive: boolean
  readonly body: Statement
  readonly otherwise: Statement | undefined
}

/** Runs a loop. @param depth how many loops of the same recursion are around it */
export function runLoop(loop: Loop, scope: Scope, source: unknown, depth: number): string {
  const items = listOf(source).filter(item => isWanted(loop, scope, item))
  if (items.length === 0) return loop.otherwise?.(scope) ?? ''
  const about = loopObject(loop, scope, items, depth)
  let text = ''
  for (const [index, item] of items.entries()) {
    setPosition(about, items, index)
    const inner = scope.inner()
    loop.target(inner, item)
    inner.set('loop', about)
    text += loop.body(inner)
  }
  return text
}

function isWanted({ condition, target }: Loop, scope: Scope, item: unknown): boolean {
  if (condition === undefined) return true
  const inner = scope.inner()
  target(inner, item)
  return isTrue(condition(inner))
}

type LoopObject = Record<string, unknown>

/** What `loop` is in the body. In a recursive loop it can be called: `loop(item.children)`. */
function loopObject(loop: Loop, scope: Scope, items: readonly unknown[], depth: number): LoopObject {
  const about = native('loop', ({ positional }) => {
    if (!loop.isRecursive) throw new TemplateError('the loop is not recursive: {% for … recursive %}')
    return safeIf(scope.escapes, runLoop(loop, scope, positional[0], depth + 1))
  }) as LoopObject
  let last: unknown[] | undefined
  Object.assign(about, {
    depth: depth + 1,
    depth0: depth,
    cycle: (...values: unknown[]) => {
      if (values.length === 0) throw new TemplateError('loop.cycle() needs a value at least')
      return values[(about.index0 as number) % values.length]
    },
    changed: (...values: unknown[]) => {
      const hasChanged = last === undefined || !isEqual(last, values)
      last = values
      return hasChanged
    },
  })
  // A function has a length of its own, which is not writable.
  return Object.defineProperty(about, 'length', { value: items.length, enumerable: true })
}

function setPosition(about: LoopObject, items: readonly unknown[], index: number): void {
  Object.assign(about, {
    index: index + 1,
    index0: index,
    revindex: items.length - index,
    revindex0: items.length - index - 1,
    first: index === 0,
    last: index === items.length - 1,
    previtem: items[index - 1],
    nextitem: items[index + 1],
  })
}
