/**
 * The tests that jest runs in both dialects of decorators: how their paths in `test/` begin. All others run in the standard
 * dialect only, because a dialect decides what decorators record, and nothing differs after `bootstrap` has read that. So
 * each decorator, each of its options and each kind of method needs a test in this list, which
 * `test/decorators/dialects.test.ts` checks. `npm run test:types` and `npm run test:package` use both dialects, too.
 */
export const inBothDialects: readonly string[] = [
  // What decorators record: placement, inheritance, compilers, set-up errors.
  ...['decorators/', 'plan/'],
  // Hooks, error handlers, blueprints and routes in combination.
  ...['lifecycle/', 'flask/', 'conformance/'],
  // Options of routes.
  'routing/http',
  // @UrlDefaults and @UrlBuildErrorHandler.
  'functions/url-',
  // @AfterResponse and @AfterAppResponse.
  'request/after-response',
  // @Command and its options.
  'commands/',
  // @ContextProcessor, @TemplateFilter and the like.
  'templates/decorators',
  // @OnShutdown.
  'shutdown/graceful-shutdown',
]
