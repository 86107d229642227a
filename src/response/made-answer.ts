import { NO_BODY } from '../answers/declared-answers'
import type { Fields } from '../connection/foreign-fields'
import type { Context } from '../types'
import { isThenable } from '../util/thenable'
import { applyJson, applyValue } from './apply-value'
import { takeSnapshot } from './snapshot'

/** What `makeResponse` made of a value in a view whose answers are declared. */
export class MadeAnswer {
  /** As it was when `makeResponse` returned: a view may write another one. */
  status: number | undefined
  body: unknown
  /** Whether an asynchronous schema has not checked the value yet: the response has no body until then. */
  isPending: boolean
  readonly #ctx: Context
  readonly #checked: unknown
  readonly #hasType: boolean

  /**
   * @param value as `makeResponse` was given it
   * @param checked what is to be sent for it, or a promise of that
   * @param status `undefined`: the value has its own
   */
  constructor(
    ctx: Context,
    readonly value: unknown,
    checked: unknown,
    status: number | undefined,
    headers: Fields,
  ) {
    this.#ctx = ctx
    this.#checked = checked
    this.#hasType = Object.keys(headers).some(name => /^content-type$/i.test(name))
    this.status = status
    this.isPending = isThenable(checked)
    // The view may fail, or make another response, before anything waits for it.
    if (isThenable(checked)) checked.then(undefined, () => undefined)
  }

  apply(): void {
    if (!this.isPending) applyChecked(this.#ctx, this.#checked, 'makeResponse')
  }

  noteBody(): void {
    this.body = this.#ctx.body
    this.status = this.#ctx.status
  }

  /** Waits for an asynchronous schema, and puts what it gives into the response. */
  async settle(isRunning: () => boolean): Promise<void> {
    const ctx = this.#ctx
    const { status } = this
    const type = this.#hasType ? ctx.response.get('Content-Type') : ''
    const checked = await this.#checked
    if (!isRunning()) return
    this.isPending = false
    applyChecked(ctx, checked, 'makeResponse')
    if (type !== '') ctx.set('Content-Type', type)
    ctx.status = status as number
  }
}

/**
 * Puts what a schema gave into the response: also a number, a boolean or `null`, which is JSON if it is declared.
 *
 * @param by the method that returned the value, for the error's text
 */
export function applyChecked(ctx: Context, value: unknown, by: string): void {
  if (value === NO_BODY) {
    ctx.remove('Content-Type') // Koa makes the text `null` of a JSON body that is removed
    ctx.body = null
  } else if (value === null || typeof value === 'number' || typeof value === 'boolean') applyJson(ctx, value)
  else applyValue(ctx, value, by, takeSnapshot(ctx))
}
