import { Script } from 'node:vm'

/**
 * The property of the class `Script` by which the script gets a function: all contexts of a process have the same class, and none of the
 * application's globals changes.
 */
const HANDED_OVER = 'flaskoaCall'
const holder = Script as unknown as Record<string, unknown>
/** The name of the file is that of a frame of Node, which is not shown in stacks. */
const CALL = [`process.getBuiltinModule('node:vm').Script.${HANDED_OVER}()`, { filename: 'node:flaskoa' }] as const

/**
 * Calls `fn`. At Ctrl-C it throws even if `fn` computes without `await`, so that no signal could be seen before it ends: Node can
 * end scripts of `node:vm` so, without their `finally` blocks.
 *
 * @param interrupted is called at such a Ctrl-C
 */
export function callUntilInterrupt<T>(fn: () => T, interrupted: () => void): T {
  holder[HANDED_OVER] = fn
  try {
    return new Script(...CALL).runInThisContext({ breakOnSigint: true, displayErrors: false }) as T
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED') interrupted()
    throw error
  } finally {
    delete holder[HANDED_OVER]
  }
}
