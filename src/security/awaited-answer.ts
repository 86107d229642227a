/**
 * The answer of `checkPasswordHash`: a promise, which is true in a condition whatever the password is. The compiler finds
 * `if (checkPasswordHash(…))` without `await`, but not `if (!checkPasswordHash(…))`, which would let everybody in.
 */
export class AwaitedAnswer extends Promise<boolean> {
  #isAwaited = false

  /** What `then` returns is an ordinary promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  /** A process warning, once, if nothing waits for the answer by the time it is there. */
  static of(computed: Promise<boolean>): AwaitedAnswer {
    const answer = new AwaitedAnswer((resolve, reject) => void computed.then(resolve, reject))
    const check = () => {
      if (!answer.#isAwaited) warn()
    }
    // Later, because `await` calls `then` in a microtask. A rejection that nothing waits for ends the process anyway.
    computed.then(
      () => setImmediate(check),
      () => undefined,
    )
    return answer
  }

  override then<A = boolean, B = never>(
    onfulfilled?: ((value: boolean) => A | PromiseLike<A>) | null,
    onrejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#isAwaited = true
    return super.then(onfulfilled, onrejected)
  }
}

let hasWarned = false

function warn(): void {
  if (hasWarned) return
  hasWarned = true
  process.emitWarning(
    'The result of checkPasswordHash() was not awaited. It is a promise, which is true in a condition also if the password is ' +
      'wrong: write if (!(await checkPasswordHash(hash, password))).',
    { type: 'FlaskoaWarning', code: 'FLASKOA_PASSWORD_NOT_AWAITED' },
  )
}
