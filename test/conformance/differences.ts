/**
 * Every difference that flaskoa declares (docs/rules.md section 0), by its rule. Flask's side applies a row at the one place
 * where Flask decides the matter, so that all that follows from it is compared as well. A difference that no row
 * explains fails the run, and so does a row that is never applied.
 */
export interface Difference {
  readonly rule: string
  readonly flask: string
  readonly flaskoa: string
}

export const DIFFERENCES: readonly Difference[] = [
  {
    rule: '4.5',
    flask: 'of three slashes and more, Werkzeug 2.2.2 merges pairs; it does not find the slash behind a path variable',
    flaskoa: 'all are merged into one; `/<path:x>/` redirects `/a`, as since Werkzeug 2.2.3',
  },
  {
    rule: '4.8',
    flask:
      'the slash-less URL of a rule with an optional slash: no Allow header for OPTIONS, and 404 for another method',
    flaskoa: 'the same as with the slash: Allow, and 405',
  },
  {
    rule: '6.4',
    flask: 'after methods run on a 500 without a handler',
    flaskoa: 'they do not, unless afterRequestOnUnhandledError is true',
  },
  {
    rule: '6.7',
    flask: 'a 500 handler that fails leaves the framework',
    flaskoa: 'the bare 500 page; teardown gets the first error',
  },
  {
    rule: '6.8',
    flask: "teardown forgets the error of the request when the 500 handler's stream holds the context",
    flaskoa: 'teardown gets the error, as it does without a stream',
  },
  {
    rule: '7.6',
    flask: 'a teardown that throws stops the others, and the response is lost',
    flaskoa: 'all run, the error is reported, the response is sent',
  },
  {
    rule: '7.7',
    flask: 'teardown runs at once, in debug mode too',
    flaskoa: "preserveContextOnException: a failed request's teardown waits for the next request",
  },
  {
    rule: '8.1',
    flask: 'bytes and streams are text/html',
    flaskoa: 'they are application/octet-stream unless a type was set',
  },
  {
    rule: '8.8',
    flask: 'pages have no X-Content-Type-Options',
    flaskoa: 'nosniff, on texts served as HTML and on error pages',
  },
  {
    rule: '9.4',
    flask: 'an after method that returns none hands none on',
    flaskoa: 'a TypeError at once',
  },
  {
    rule: '12.2',
    flask: 'a stream made with the context and never sent (HEAD too) keeps the context until Python collects it',
    flaskoa: 'it is closed at the end of the request, or of the other stream that is sent; then teardown runs',
  },
  {
    rule: '13.4',
    flask:
      'asking whether a key exists, deleting one that does not, and a stream that keeps the context is no use of the session',
    flaskoa: 'it is: Vary: Cookie',
  },
  {
    rule: '13.5',
    flask: 'permanent = False is content of the session, so that one without anything else is not empty',
    flaskoa: 'it is not: an empty session is deleted',
  },
]
