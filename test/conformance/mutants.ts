/** A deliberate mistake in flaskoa: the comparison with Flask must notice it. */
export interface Mutant {
  readonly file: string
  /** Occurs exactly once in the file (mutants.test.ts): as short as possible, and no part of a comment. */
  readonly text: string
  readonly replacement: string
  /** The rule that the mistake breaks (docs/rules.md), and what happens instead. */
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
  mutant('lifecycle/lifecycle', 'value !== undefined && value !== null', 'value', '2.2 falsy values are not answers'),
  mutant(
    'lifecycle/lifecycle',
    '\n        break\n',
    '\n        yield Promise.resolve(view(exchange)).catch(() => undefined)\n        break\n',
    '2.1 the view runs although a before method answered',
  ),
  mutant(
    'lifecycle/lifecycle',
    'if (!firstRequest.passed && exchange.pipeline.isApart !== true) yield* firstRequest.pass(exchange)',
    'try {\n        yield* firstRequest.pass(exchange)\n      } catch (thrown) {\n        return yield* handleUserException(exchange, toError(thrown))\n      }',
    '3.2 error handlers receive errors of before-first methods',
  ),
  mutant('lifecycle/lifecycle', 'pass === 0', 'pass === 1', '9.1 afterThisRequest methods run last'),
  mutant(
    'lifecycle/lifecycle',
    '? afterThisRequest :',
    '? [...afterThisRequest] :',
    '9.1 a method registered during the pass does not run',
  ),
  mutant(
    'lifecycle/lifecycle',
    'returned === ctx.response',
    'returned === ctx.response || returned === undefined',
    '9.4 an after method that returns undefined keeps the response',
  ),
  mutant('lifecycle/lifecycle', 'yield* processErrorResponse(exchange)', '', '6.5 after methods have no second pass'),
  mutant(
    'lifecycle/lifecycle',
    'else if (!afterRequestOnUnhandledError)',
    'else',
    '6.4 after methods never run without a 500 handler',
  ),
  mutant(
    'lifecycle/lifecycle',
    'else if (!afterRequestOnUnhandledError) return',
    '',
    '6.4 after methods run without a 500 handler',
  ),
  mutant('lifecycle/lifecycle', 'exchange.response.undoReplacement()', '', '6.6 the replacement is sent'),
  mutant(
    'lifecycle/lifecycle',
    'return sendBarePage(exchange, toError(failure), serverError)',
    'throw failure',
    '6.7 the error of a 500 handler leaves the lifecycle',
  ),
  mutant(
    'lifecycle/lifecycle',
    'errorHandlers, serverError)',
    'errorHandlers, error)',
    '6.1 the 500 path looks up handlers for the class of the original error',
  ),
  mutant(
    'lifecycle/lifecycle',
    'runErrorHandler(handler, serverError,',
    'runErrorHandler(handler, error,',
    '6.3 a 500 handler gets the original error',
  ),
  mutant('lifecycle/lifecycle', 'end(exchange, error)', 'end(exchange, undefined)', '6.8 teardown gets no error'),
  mutant(
    'lifecycle/lifecycle',
    ' && !exchange.plan.settings.trapHttpExceptions',
    '',
    '10.2 HTTP errors are not trapped',
  ),
  mutant(
    'lifecycle/lifecycle',
    'isAnswer && error instanceof ThrownResponse',
    'false',
    '4.7 error handlers receive redirects',
  ),
  mutant(
    'lifecycle/lifecycle',
    'if (handler === undefined && !isAnswer) throw error',
    '',
    '5.2 an unhandled error is not thrown again',
  ),
  mutant('lifecycle/lifecycle', '\n  exchange.report(error)\n', '\n', '6.2 an unhandled error is not reported'),
  mutant('lifecycle/lifecycle', 'Answer).by)', 'Answer).by)\n  return', '1.1 after methods do not run'),
  mutant('lifecycle/lifecycle', 'exchange.session.save()', 'undefined', '13.1 the session is not saved'),
  mutant(
    'lifecycle/teardown',
    'runIsolated(exchange, teardown, error, error)',
    'runIsolated(exchange, teardown, undefined, undefined)',
    '7.3 teardown never gets an error',
  ),
  mutant(
    'lifecycle/teardown',
    'if (failure !== error) context.report(failure)',
    'throw failure',
    '7.6 a teardown method that throws stops the others',
  ),
  mutant(
    'lifecycle/first-request',
    '      this.passed = true\n    } finally {',
    '    } finally {\n      this.passed = true',
    '3.3 before-first methods that failed do not run again',
  ),
  // The order of hooks
  mutant('plan/pipeline', '[...inwards].reverse()', 'inwards', "1.1 the application's after methods run first"),
  mutant(
    'plan/pipeline',
    'before: [...inwards',
    'before: [...outwards',
    "1.7 the blueprint's before methods run first",
  ),
  mutant(
    'plan/pipeline',
    '[...hooks.after].reverse()',
    'hooks.after',
    '1.4 after methods run in the order of the class',
  ),
  mutant(
    'plan/pipeline',
    '[...hooks.teardown].reverse()',
    'hooks.teardown',
    '1.4 teardown methods run in the order of the class',
  ),
  mutant(
    'plan/pipeline',
    'teardown: outwards',
    'teardown: inwards',
    "7.1 the application's teardown methods run first",
  ),
  mutant(
    'plan/pipeline',
    'preprocessors: inwards',
    'preprocessors: outwards',
    "1.3 the blueprint's preprocessors run first",
  ),
  mutant(
    'plan/pipeline',
    'errorHandlers: outwards',
    'errorHandlers: inwards',
    "5.4 the application's error handlers have precedence",
  ),
  mutant('plan/controllers', '[...parent.chain, hooks]', '[hooks]', '1.7 hooks of outer blueprints do not run'),
  mutant('plan/controller', ' || fact.appWide', '', "1.5 a blueprint's app-wide hooks run for the blueprint alone"),
  // Error handlers
  mutant(
    'lifecycle/error-handlers',
    '[withCode, [...own.filter(each => !hasCode(each)), ...last]]',
    '[[...withCode, ...own.filter(each => !hasCode(each)), ...last]]',
    '5.4 one round for classes with and without a code',
  ),
  mutant('lifecycle/error-handlers', 'of scopes)', 'of [...scopes].reverse())', '5.4 the outermost handler wins'),
  mutant('lifecycle/error-handlers', 'of classes)', 'of [...classes].reverse())', '5.4 the base class wins'),
  mutant('lifecycle/error-handlers', 'of classes)', 'of classes.slice(0, 1))', '5.4 base classes are not looked up'),
  mutant('request/routing-failure', 'WithoutStack(405)', 'WithoutStack(404)', '4.4 404 for a wrong method'),
  // Routing
  mutant(
    'routing/search',
    '(next && this.run(next, index + 1, texts)) ?? this.runDynamic(node, index, texts)',
    'this.runDynamic(node, index, texts) ?? (next && this.run(next, index + 1, texts))',
    '4.6 variables match before static text',
  ),
  mutant(
    'routing/search',
    'takes && !entry.strictSlashes) return',
    'takes) return',
    '4.5 a missing slash does not redirect',
  ),
  mutant('routing/router', ': this.searchMerged(search)', ': undefined', '4.5 double slashes are not merged'),
  mutant('request/unmatched-url', ' + ctx.search', '', '4.5 a redirect drops the query'),
  mutant('request/unmatched-url', ', 308)', ', 302)', '4.5 a redirect changes the method'),
  mutant('request/request-context', "ctx.method === 'OPTIONS'", 'false', '4.2 the view runs for OPTIONS'),
  mutant('plan/methods', "['HEAD']", '[]', '4.1 GET does not add HEAD'),
  // Session
  mutant('session/cookie-session', 'state.accessed || refreshed', 'refreshed', '13.4 no Vary: Cookie'),
  mutant(
    'session/cookie-session',
    'return done(this.delete())',
    'return undefined',
    '13.2 an emptied session is not deleted',
  ),
  mutant('session/cookie-session', "typeof maxAge === 'number'", 'false', '13.2 a permanent session is not refreshed'),
  mutant(
    'session/tracked',
    'state.accessed = state.modified = true\n    return Reflect.set(',
    'state.accessed = true\n    return Reflect.set(',
    '13.3 setting the same value again does not mark the session as modified',
  ),
  mutant(
    'session/tracked',
    'if (Object.hasOwn(values, key)) {\n      state.modified = true',
    'state.modified = true\n    if (Object.hasOwn(values, key)) {',
    '13.3 deleting a missing key marks the session as modified',
  ),
  mutant(
    'session/values',
    'if (!isLost) return value',
    'if (key !== undefined) return isLost ? undefined : value',
    '13.8 values that JSON cannot express are dropped',
  ),
  // Responses and streams
  mutant(
    'response/snapshot',
    'ctx.res.removeHeader(name)',
    'void name',
    '9.3 the new response keeps the old header fields',
  ),
  mutant(
    'response/response-state',
    'if (code !== undefined) ctx.status = code',
    '',
    '8.3 makeResponse ignores the status',
  ),
  mutant(
    'response/apply-value',
    'value === undefined && isResponseWritten(ctx, baseline)',
    'value === undefined',
    '8.6 undefined is an empty response',
  ),
  mutant(
    'response/response-state',
    'this.replaced ??= takeSnapshot(ctx)',
    'this.replaced = takeSnapshot(ctx)',
    '6.6 only the last replacement is undone',
  ),
  mutant(
    'request/request-end',
    'held.length > 0 && sendsStream(request.ctx)',
    'false',
    '12.2 teardown runs before the stream',
  ),
  mutant(
    'request/deferred-teardown',
    'if (teardown !== undefined) this.#running = teardown()',
    '',
    '7.7 a deferred teardown never runs',
  ),
  mutant(
    'request/request-end',
    'error !== undefined && deferredTeardown !== undefined',
    'deferredTeardown !== undefined',
    '7.7 the teardown of each request is deferred',
  ),
]
