import { allScopes, type Entry, type Method, type Observation, type Program, type Request } from './program'
import type { Answer } from './oracle'

/** One request of a program and what Flask did with it. */
class Seen {
  readonly kinds: readonly string[]

  constructor(
    readonly program: Program,
    readonly request: Request,
    readonly observed: Observation,
    readonly methods: ReadonlyMap<string, Method>,
    readonly index: number,
  ) {
    this.kinds = observed.trace.map(([kind]) => String(kind))
  }

  get status(): number {
    return this.observed.status
  }

  entries(kind: string): Entry[] {
    return this.observed.trace.filter(([found]) => found === kind)
  }

  /** The methods of a kind that ran. */
  ran(kind: string): Method[] {
    return this.entries(kind).flatMap(([, label]) => this.methods.get(String(label)) ?? [])
  }

  has(...kinds: string[]): boolean {
    return kinds.every(kind => this.kinds.includes(kind))
  }

  /** Whether a method of one of these kinds raised. */
  raisedIn(...kinds: string[]): boolean {
    return this.entries('raise').some(([, label]) => kinds.includes(this.kindOf(String(label))))
  }

  kindOf(label: string): string {
    return label.endsWith('+') ? 'this' : (this.methods.get(label)?.kind ?? '')
  }

  /** How many blueprints around the view had a hook of this kind. */
  scopesOf(kind: string): Set<string> {
    return new Set(this.entries(kind).map(([, label]) => String(label).split('.', 1).join()))
  }

  /** Whether a hook ran twice: the second pass. */
  get twice(): boolean {
    const hooks = [...this.entries('after'), ...this.entries('this')].map(([, label]) => label)
    return new Set(hooks).size < hooks.length
  }

  returned(kind: string): boolean {
    return this.observed.trace.some(([, label]) =>
      this.methods.get(String(label))?.steps.some(step => step.do === 'return' && step.value.kind === kind),
    )
  }

  did(step: string): boolean {
    return this.observed.trace.some(([, label]) =>
      this.methods.get(String(label))?.steps.some(each => each.do === step),
    )
  }

  handled(test: (method: Method, error: string) => boolean): boolean {
    return this.entries('error').some(([, label, error]) => {
      const method = this.methods.get(String(label))
      return method !== undefined && test(method, String(error))
    })
  }
}

type Situation = readonly [rule: string, what: string, test: (seen: Seen) => boolean]

const teardownError = (seen: Seen) => seen.entries('teardown').map(([, , error]) => error)
const isBlueprint = (label: unknown) => !String(label).startsWith('App.')

/** What must have happened at least once, or the comparison says nothing of it. */
const SITUATIONS: readonly Situation[] = [
  [
    '1.1',
    'preprocessor, before, view, after, teardown in one request',
    s => s.has('preprocess', 'before', 'view', 'after', 'teardown'),
  ],
  [
    '1.3',
    'preprocessors and before methods of two scopes',
    s => s.scopesOf('preprocess').size > 1 && s.scopesOf('before').size > 1,
  ],
  ['1.4', 'two hooks of a kind in one scope', s => s.entries('before').length > s.scopesOf('before').size],
  [
    '1.5',
    "a blueprint's hook for the whole application, outside of it",
    s => s.ran('before').some(m => m.appWide) && !s.has('view'),
  ],
  [
    '1.6',
    'an unmatched URL in an application with blueprints',
    s => s.status === 404 && s.program.app.blueprints.length > 0,
  ],
  ['1.7', 'before methods of three scopes', s => s.scopesOf('before').size > 2],
  ['1.7', 'after methods of three scopes', s => s.scopesOf('after').size > 2],
  [
    '2.1',
    'a before method answers',
    s =>
      s.has('before') &&
      !s.has('view') &&
      s.status === 200 &&
      s.ran('before').some(m => m.steps.some(x => x.do === 'return')),
  ],
  [
    '2.2',
    'a falsy value that is no response stops the request',
    s => s.ran('before').some(m => m.steps.some(x => x.do === 'return' && ['zero', 'false'].includes(x.value.kind))),
  ],
  [
    '2.3',
    'after methods of a blueprint although the application answered',
    s =>
      s.ran('before').some(m => m.steps.some(x => x.do === 'return')) &&
      s.entries('after').some(([, l]) => isBlueprint(l)),
  ],
  ['2.4', 'before methods for 405', s => s.status === 405 && s.has('before')],
  ['2.4', 'before methods for a redirect', s => s.status === 308 && s.has('before')],
  [
    '2.4',
    'before methods for OPTIONS',
    s => s.request.method === 'OPTIONS' && s.status === 200 && s.has('before') && !s.has('view'),
  ],
  ['2.5', 'a before method raises', s => s.raisedIn('before')],
  [
    '2.7',
    'a preprocessor changes values',
    s => s.ran('preprocess').some(m => m.steps.some(x => x.do === 'values.set')) && s.has('view'),
  ],
  ['2.7', 'a preprocessor without values', s => s.entries('preprocess').some(([, , endpoint]) => endpoint === null)],
  ['2.7', 'a preprocessor raises', s => s.raisedIn('preprocess')],
  ['3.1', 'before-first methods run', s => s.has('first')],
  ['3.2', 'a before-first method raises', s => s.raisedIn('first')],
  ['3.3', 'before-first methods run again', s => s.index > 0 && s.has('first')],
  ['4.1', 'OPTIONS of a view that lists it', s => s.request.method === 'OPTIONS' && s.has('view')],
  ['4.1', 'OPTIONS without the automatic answer is 405', s => s.request.method === 'OPTIONS' && s.status === 405],
  [
    '4.2',
    'Allow of several rules',
    s => Object.hasOwn(s.observed.headers, 'allow') && String(s.observed.headers.allow).split(',').length > 3,
  ],
  ['4.3', 'HEAD', s => s.request.method === 'HEAD' && s.has('view')],
  ['4.4', '405', s => s.status === 405],
  ['4.5', 'a slash redirect with a query', s => s.status === 308 && s.request.url.includes('?')],
  ['4.5', 'merged slashes', s => s.status === 308 && /.\/\//.test(s.request.url)],
  [
    '4.6',
    'variables of each kind',
    s => s.entries('view').some(([, , values]) => Object.values(values as object).length > 2),
  ],
  [
    '4.9',
    'a prefix with a variable',
    s => s.entries('view').some(([, , values]) => Object.keys(values as object).some(key => key.startsWith('p'))),
  ],
  ['5.1', 'an HTTP error without a handler', s => s.status === 403 && s.raisedIn('view') && !s.has('error')],
  [
    '5.3',
    'an error handler answers, teardown gets none',
    s => s.has('error', 'teardown') && teardownError(s).every(e => e === null) && s.raisedIn('view'),
  ],
  ['5.4', 'a handler for a code', s => s.handled(m => typeof m.key === 'number')],
  ['5.4', 'a handler for a base class', s => s.handled((m, e) => m.key === 'Base' && e.startsWith('Derived'))],
  ['5.4', 'a handler for 404 gets a subclass', s => s.handled((m, e) => m.key === 404 && e.startsWith('Missing'))],
  ['5.4', "a blueprint's handler", s => s.entries('error').some(([, l]) => isBlueprint(l))],
  [
    '5.4',
    "the application's handler for an error in a blueprint",
    s => s.entries('error').some(([, l]) => !isBlueprint(l)) && s.entries('view').some(([, l]) => isBlueprint(l)),
  ],
  ['5.5', "a blueprint's handler for the whole application", s => s.handled(m => m.appWide)],
  ['5.6', 'abort(response)', s => s.entries('raise').some(([, , e]) => e === 'response')],
  ['5.7', 'a handler for all HTTP errors', s => s.handled((m, e) => m.key === 'HTTPException' && e === '404')],
  [
    '5.7',
    'a handler for all errors gets an HTTP error',
    s => s.handled((m, e) => m.key === 'Exception' && /^\d/.test(e)),
  ],
  ['5.9', 'an HTTP error is returned', s => s.returned('httpError') && !s.has('error') && s.has('view')],
  ['5.10', 'an error handler raises', s => s.raisedIn('error')],
  [
    '5.11',
    'an error handler returns none',
    s => s.has('error') && s.ran('error').some(m => m.steps.some(x => x.do === 'return' && x.value.kind === 'none')),
  ],
  [
    '5.12',
    'something that is no error is thrown',
    s => s.ran('view').some(m => m.steps.some(x => x.do === 'raise' && x.error.kind === 'value')),
  ],
  [
    '6.1',
    'a view returns none',
    s => s.ran('view').some(m => m.steps.some(x => x.do === 'return' && x.value.kind === 'none')) && s.status === 500,
  ],
  ['6.1', 'an after method raises', s => s.raisedIn('after')],
  ['6.1', 'an afterThisRequest function raises', s => s.raisedIn('this')],
  ['6.2', 'a 500 handler', s => s.handled((_, e) => e.startsWith('500 of'))],
  ['6.3', 'a 500 handler for abort(500)', s => s.handled((_, e) => e.startsWith('500<'))],
  ['6.4', 'an error without a handler', s => s.status === 500 && s.observed.reported.length > 0 && !s.has('error')],
  ['6.5', 'a second pass', s => s.twice],
  ['6.6', 'the second pass fails', s => s.twice && s.observed.reported.length > 1],
  [
    '6.7',
    'a 500 handler fails',
    s => s.observed.reported.length > 1 && s.handled((_, e) => e.startsWith('500 of')) && s.raisedIn('error'),
  ],
  [
    '6.8',
    'teardown gets the error although a 500 handler answered',
    s => s.handled((_, e) => e.startsWith('500 of')) && teardownError(s).some(e => e !== null),
  ],
  [
    '6.9',
    'the session of a failed request is saved',
    s => s.observed.reported.length > 0 && s.observed.cookie !== null,
  ],
  ['7.1', 'teardown methods of two scopes', s => s.scopesOf('teardown').size > 1],
  ['7.2', 'teardown of an error that leaves', s => s.observed.outcome === 'left' && s.has('teardown')],
  ['7.6', 'a teardown method raises', s => s.raisedIn('teardown')],
  ['8.1', 'bytes', s => s.returned('bytes')],
  ['8.2', 'JSON', s => s.returned('json')],
  ['8.3', 'a response with a status', s => s.returned('response')],
  ['8.6', 'a value that is no response', s => s.returned('number') && s.status === 500],
  [
    '9.1',
    'an afterThisRequest function adds another',
    s => s.entries('this').some(([, l]) => String(l).endsWith('++')),
  ],
  [
    '9.3',
    'an after method replaces the response',
    s => s.ran('after').some(m => m.steps.some(x => x.do === 'replace')),
  ],
  ['9.4', 'an after method returns none', s => s.ran('after').some(m => m.steps.some(x => x.do === 'return'))],
  ['10.1', 'an error leaves', s => s.observed.outcome === 'left'],
  ['10.2', 'a trapped HTTP error', s => s.program.config.trap && s.observed.reported.some(e => /^\d/.test(e))],
  [
    '12.1',
    'a stream after teardown',
    s => s.has('teardown', 'chunk') && s.kinds.lastIndexOf('teardown') < s.kinds.indexOf('chunk'),
  ],
  [
    '12.2',
    'teardown after a stream',
    s => s.has('teardown', 'chunk') && s.kinds.indexOf('teardown') > s.kinds.indexOf('chunk'),
  ],
  ['12.3', 'a stream breaks off', s => s.observed.outcome === 'broken'],
  ['12.3', 'a stream fails at once', s => s.observed.outcome === 'left' && s.has('chunk')],
  ['12.7', 'HEAD of a stream', s => s.request.method === 'HEAD' && s.returned('stream') && !s.has('chunk')],
  [
    '13.1',
    'the session in an after method',
    s => s.entries('session').some(([, l]) => s.kindOf(String(l)) === 'after'),
  ],
  ['13.2', 'a session is set', s => s.observed.cookie !== null && s.observed.cookie !== 'deleted'],
  ['13.2', 'a session is deleted', s => s.observed.cookie === 'deleted'],
  [
    '13.2',
    'a session comes back',
    s => s.entries('session').some(([, , , value]) => value !== null && value !== false) && s.index > 0,
  ],
  [
    '13.4',
    'the session is only read',
    s => s.has('session') && s.observed.cookie === null && Object.hasOwn(s.observed.headers, 'vary'),
  ],
  ['13.5', 'a permanent session', s => (s.observed.cookie as { permanent?: boolean } | null)?.permanent === true],
  ['13.6', 'no secret', s => !s.program.config.secret && s.did('session.set')],
  ['13.7', 'a forged cookie', s => s.request.cookies === 'forged' && s.has('session')],
  ['13.8', 'a session that cannot be serialised', s => s.did('session.poison') && s.status === 500],
  ['14.1', 'g from one method to another', s => s.entries('g').some(([, , , value]) => value !== null)],
]

/** How often each situation was reached. */
export class Coverage {
  readonly #counts = SITUATIONS.map(() => 0)
  requests = 0

  add(program: Program, answer: Answer): void {
    const methods = new Map(
      allScopes(program.app).flatMap(scope => scope.methods.map(each => [`${scope.name}.${each.name}`, each] as const)),
    )
    for (const [index, observed] of answer.requests.entries()) {
      const seen = new Seen(program, program.requests[index] as Request, observed, methods, index)
      SITUATIONS.forEach(([, , test], situation) => {
        if (test(seen)) this.#counts[situation] = (this.#counts[situation] ?? 0) + 1
      })
      this.requests++
    }
  }

  get missing(): string[] {
    return SITUATIONS.filter((_, index) => this.#counts[index] === 0).map(([rule, what]) => `${rule} ${what}`)
  }

  get reached(): number {
    return this.#counts.filter(count => count > 0).length
  }

  toString(): string {
    return SITUATIONS.map(([rule, what], index) => line(rule, this.#counts[index] ?? 0, what)).join('\n')
  }
}

/** `6.4        12  what` */
export const line = (rule: string, count: number, what: string): string =>
  `${rule.padEnd(5)} ${String(count).padStart(8)}  ${what}`
