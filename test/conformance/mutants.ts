/** A deliberate mistake in flaskoa: the comparison with Flask must notice it. */
export interface Mutant {
  readonly file: string
  /** Occurs once in the file. */
  readonly text: string
  readonly replacement: string
  readonly breaks: string
}

const mutant = (file: string, text: string, replacement: string, breaks: string): Mutant => ({
  file: `src/${file}.ts`,
  text,
  replacement,
  breaks,
})

export const MUTANTS: readonly Mutant[] = [
  // The lifecycle
  mutant(
    'lifecycle',
    '    if (value !== undefined && value !== null) return { value, by: hook.name }',
    '    if (value) return { value, by: hook.name }',
    '2.2 falsy values are no answer',
  ),
  mutant(
    'lifecycle',
    'value !== null) return { value, by: hook.name }',
    'value !== null) yield Promise.resolve(view(exchange)).catch(() => undefined)',
    '2.1 the view runs all the same',
  ),
  mutant(
    'lifecycle',
    '      if (!exchange.firstRequest.passed) yield exchange.firstRequest.pass()\n      yield* fullDispatchRequest(exchange)\n    } catch (thrown) {',
    '      try {\n        yield exchange.firstRequest.pass()\n      } catch (thrown) {\n        const { value, by } = yield* handleUserException(exchange, toError(thrown))\n        return exchange.makeResponse(value, by)\n      }\n      yield* fullDispatchRequest(exchange)\n    } catch (thrown) {',
    '3.2 user handlers see errors of before-first',
  ),
  mutant(
    'lifecycle',
    '  yield* runResponseHooks(exchange, exchange.afterThisRequest)\n  yield* runResponseHooks(exchange, exchange.pipeline.after)\n',
    '  yield* runResponseHooks(exchange, exchange.pipeline.after)\n  yield* runResponseHooks(exchange, exchange.afterThisRequest)\n',
    '9.1 afterThisRequest runs last',
  ),
  mutant(
    'lifecycle',
    'runResponseHooks(exchange, exchange.afterThisRequest)',
    'runResponseHooks(exchange, [...exchange.afterThisRequest])',
    '9.1 one that is added in the pass does not run',
  ),
  mutant(
    'lifecycle',
    '  if (returned === exchange.response) return\n',
    '  if (returned === exchange.response || returned === undefined) return\n',
    '9.4 none is taken for the same response',
  ),
  mutant('lifecycle', '  yield* processErrorResponse(exchange)\n}', '}', '6.5 no second pass'),
  mutant(
    'lifecycle',
    '  else if (!afterRequestOnUnhandledError) return',
    '  else return',
    '6.4 after methods never run without a 500 handler',
  ),
  mutant('lifecycle', '  else if (!afterRequestOnUnhandledError) return', '', '6.4 after methods always run'),
  mutant('lifecycle', '    exchange.keepFirstResponse()\n', '', '6.6 the replaced response is sent'),
  mutant(
    'lifecycle',
    '    return leaveBarePage(exchange, toError(failure), serverError)',
    '    throw failure',
    '6.7 the failure of a 500 handler leaves',
  ),
  mutant(
    'lifecycle',
    '  const handler = findErrorHandler(exchange.pipeline.errorHandlers, serverError)',
    '  const handler = findErrorHandler(exchange.pipeline.errorHandlers, error)',
    '6.1 handlers of its own class are asked on the 500 path',
  ),
  mutant(
    'lifecycle',
    'serverError : handler(serverError, exchange.ctx)',
    'serverError : handler(error, exchange.ctx)',
    '6.3 a 500 handler gets the error itself',
  ),
  mutant(
    'lifecycle',
    '      error = toError(thrown)\n      yield* handleException(exchange, error)',
    '      yield* handleException(exchange, toError(thrown))',
    '6.8 teardown gets no error',
  ),
  mutant('lifecycle', ' && !exchange.settings.trapHttpExceptions', '', '10.2 HTTP errors are not trapped'),
  mutant(
    'lifecycle',
    '  if (isAnswer && error instanceof ThrownResponse) return { value: error.respond(), by: error.message }\n',
    '',
    '4.7 handlers see redirects',
  ),
  mutant(
    'lifecycle',
    '  if (handler === undefined && !isAnswer) throw error\n',
    '',
    '5.2 an unhandled error is not thrown on',
  ),
  mutant(
    'lifecycle',
    '  exchange.report(error)\n  exchange.resetResponse()\n  const',
    '  exchange.resetResponse()\n  const',
    '6.2 an unhandled error is not told',
  ),
  mutant(
    'lifecycle',
    '  exchange.makeResponse(answer.value, answer.by)\n  const refusal = yield* processResponse(exchange)\n  if (refusal !== undefined) yield* answerRefusal(exchange, refusal)\n',
    '  exchange.makeResponse(answer.value, answer.by)\n',
    '1.1 after methods do not run',
  ),
  mutant(
    'lifecycle',
    '    const saving = exchange.saveSession()\n    if (isThenable(saving)) yield saving\n',
    '',
    '13.1 the session is not saved',
  ),
  mutant(
    'teardown',
    'runEach(exchange, exchange.pipeline.teardown, error, error)',
    'runEach(exchange, exchange.pipeline.teardown, undefined, undefined)',
    '7.3 teardown never gets an error',
  ),
  mutant(
    'teardown',
    '  if (failure !== error) context.report(failure)',
    '  throw failure',
    '7.6 a teardown stops the others',
  ),
  mutant(
    'first-request',
    '      this.passed = true\n    } finally {',
    '    } finally {\n      this.passed = true',
    '3.3 before-first methods that failed do not run again',
  ),
  // The order of hooks
  mutant(
    'plan',
    'const outwards = [...inwards].reverse()',
    'const outwards = inwards',
    '1.1 after methods: the application first',
  ),
  mutant('plan', 'before: inwards.flatMap', 'before: outwards.flatMap', '1.7 before methods: the blueprint first'),
  mutant(
    'plan',
    'after: outwards.flatMap(hooks => [...hooks.after].reverse())',
    'after: outwards.flatMap(hooks => hooks.after)',
    '1.4 after methods in the order of the class',
  ),
  mutant(
    'plan',
    'teardown: outwards.flatMap(hooks => [...hooks.teardown].reverse())',
    'teardown: outwards.flatMap(hooks => hooks.teardown)',
    '1.4 teardown in the order of the class',
  ),
  mutant('plan', 'teardown: outwards', 'teardown: inwards', '7.1 teardown: the application first'),
  mutant('plan', 'preprocessors: inwards', 'preprocessors: outwards', '1.3 preprocessors: the blueprint first'),
  mutant('plan', 'errorHandlers: outwards', 'errorHandlers: inwards', '5.4 error handlers: the application first'),
  mutant('controllers', 'chain: [...parent.chain, hooks]', 'chain: [hooks]', '1.7 outer blueprints are forgotten'),
  mutant(
    'controller',
    "!('appWide' in fact) || fact.appWide ? app : own.hooks",
    "!('appWide' in fact) ? app : own.hooks",
    "1.5 a blueprint's app-wide hooks are its own",
  ),
  // Error handlers
  mutant(
    'error-handlers',
    'return [own.filter(hasCode), [...own.filter(each => !hasCode(each)), Error]]',
    'return [[...own, Error]]',
    '5.4 one round for classes with and without a code',
  ),
  mutant(
    'error-handlers',
    'for (const scope of scopes) {',
    'for (const scope of [...scopes].reverse()) {',
    '5.4 the outermost handler wins',
  ),
  mutant(
    'error-handlers',
    'for (const errorClass of classes) {',
    'for (const errorClass of [...classes].reverse()) {',
    '5.4 the base class wins',
  ),
  mutant(
    'error-handlers',
    'for (const errorClass of classes) {',
    'for (const errorClass of classes.slice(0, 1)) {',
    '5.4 base classes are not asked',
  ),
  mutant('routing-failure', 'createError(405,', 'createError(404,', '4.4 404 for a wrong method'),
  // Routing
  mutant(
    'routing/search',
    'const hit = (next && this.run(next, index + 1, texts)) ?? this.runDynamic(node, index, texts)',
    'const hit = this.runDynamic(node, index, texts) ?? (next && this.run(next, index + 1, texts))',
    '4.6 variables before static text',
  ),
  mutant(
    'routing/search',
    'return entry.strictSlashes ? slashMissing : { entry, texts }',
    'return { entry, texts }',
    '4.5 no slash redirect',
  ),
  mutant('routing/router', ': this.searchMerged(search)', ': undefined', '4.5 double slashes are not merged'),
  mutant('request-context', 'path + this.ctx.search, 308', 'path, 308', '4.5 a redirect loses the query'),
  mutant(
    'request-context',
    'path + this.ctx.search, 308',
    'path + this.ctx.search, 302',
    '4.5 a redirect changes the method',
  ),
  mutant(
    'request-context',
    "ctx.method === 'OPTIONS' && target.options",
    "ctx.method === 'OPTIONS' && false",
    '4.2 OPTIONS runs the view',
  ),
  mutant('plan', "methods.includes('GET') ? ['HEAD'] : []", '[]', '4.1 no HEAD beside GET'),
  // Session
  mutant(
    'session/cookie-session',
    'if (state.accessed || refreshed) ctx.vary',
    'if (refreshed) ctx.vary',
    '13.4 no Vary: Cookie',
  ),
  mutant(
    'session/cookie-session',
    'if (empty && modified) return this.delete()',
    'if (empty && modified) return',
    '13.2 an emptied session stays',
  ),
  mutant(
    'session/cookie-session',
    "typeof state.maxAge === 'number'",
    'false',
    '13.2 a permanent session is not refreshed',
  ),
  mutant(
    'session/tracked',
    'state.accessed = state.modified = true\n      return Reflect.set',
    'state.accessed = true\n      return Reflect.set',
    '13.3 the same value set again is no write',
  ),
  mutant(
    'session/tracked',
    '      if (Object.hasOwn(values, key)) {\n        state.modified = true',
    '      state.modified = true\n      if (Object.hasOwn(values, key)) {',
    '13.3 deleting a missing key is a write',
  ),
  mutant(
    'session/values',
    'throw new TypeError(`session value',
    'return undefined\n    throw new TypeError(`session value',
    '13.8 what cannot be serialised is dropped',
  ),
  // Responses and streams
  mutant(
    'response',
    'for (const name of ctx.res.getHeaderNames()) ctx.res.removeHeader(name)',
    '',
    '9.3 headers of a replaced response stay',
  ),
  mutant('response', '  if (status !== undefined) ctx.status = status\n', '', '8.3 the status of a response is lost'),
  mutant(
    'response',
    'if (value === ctx.response || (value === undefined && isWritten(ctx, baseline)))',
    'if (value === ctx.response || value === undefined)',
    '8.6 none is an empty answer',
  ),
  mutant(
    'request-context',
    'this.replaced ??= responses.snapshotResponse(this.ctx)',
    'this.replaced = responses.snapshotResponse(this.ctx)',
    '6.6 only the last replacement is undone',
  ),
  mutant(
    'request-end',
    'const areSent = held.length > 0 && sendsStream(request.ctx)',
    'const areSent = false',
    '12.2 teardown before the stream',
  ),
  mutant(
    'preserved',
    '    if (teardown !== undefined) this.#running = teardown()\n',
    '',
    '7.7 a kept teardown never runs',
  ),
  mutant(
    'request-end',
    'error !== undefined && preserved !== undefined',
    'preserved !== undefined',
    '7.7 the teardown of each request waits',
  ),
]
