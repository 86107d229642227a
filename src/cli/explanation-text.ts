import type { Explanation, Reason } from '../inspect/explain'
import type { NearRoute } from '../inspect/near-routes'
import type { AnswerFact, BeforeFact, InputFact, StageFacts, StepFact } from '../inspect/route-facts'
import type { Colours } from './colour'
import type { Call } from './command'
import type { Locator } from './locate'
import { table } from './table'

type Found = Extract<Explanation, { readonly kind: 'found' }>
type Unmatched = Extract<Explanation, { readonly kind: 'unmatched' }>

type Place = (fn: StepFact['call']) => string

/** What runs for a request, as text: the route, each step with its place, and the error handlers. */
export function explanationText(explanation: Explanation, locator: Locator, { args, colours, io }: Call): string {
  const place: Place = fn => locator.describe(fn, io.cwd) ?? ''
  if (explanation.kind === 'found') {
    const { route } = explanation
    const steps = stepsOf(explanation, route, viewRows(explanation))
    return [
      ...foundHead(explanation, colours),
      '',
      ...stepTable(steps, place),
      ...errorLines(route, place, colours),
    ].join('\n')
  }
  const { runs } = explanation
  const steps = stepsOf(explanation, runs, [UNANSWERED])
  const head = unmatchedHead(explanation, args, colours)
  const runsNothing = steps.length === 1
  const { dim } = colours
  const body = runsNothing
    ? [dim('No method runs.')]
    : [dim('These methods run nevertheless:'), ...stepTable(steps, place)]
  return [...head, '', ...body, ...errorLines(runs, place, colours)].join('\n')
}

const stepTable = (steps: readonly Row[], place: Place): string[] =>
  table(
    steps.map(({ stage, name, fn, note }, index) => [
      String(index + 1).padStart(2),
      stage,
      name,
      fn === undefined ? '' : place(fn),
      note ?? '',
    ]),
  )

function errorLines({ errorHandlers }: StageFacts, place: Place, { dim }: Colours): string[] {
  if (errorHandlers.length === 0) return []
  const handlers = errorHandlers.map(({ error, name, call, scope }) => [
    error,
    name,
    place(call),
    [scope === '' ? '' : `of ${scope}`, MEANINGS[error] ?? ''].filter(Boolean).join(', '),
  ])
  return ['', dim('An error is answered by the first of these that it fits:'), ...table(handlers)]
}

/** What a handler answers besides what its name says. */
const MEANINGS: Readonly<Record<string, string>> = {
  500: 'also each error without a handler',
  HttpError: 'each other HTTP error',
  Error: 'each other error',
}

/** One line of the explanation. */
interface Row {
  readonly stage: string
  readonly name: string
  readonly fn?: StepFact['call']
  readonly note?: string
}

const UNANSWERED: Row = { stage: 'no view', name: '', note: 'the middleware after the lifecycle, if there is any' }

function foundHead({ route, values }: Found, { bold }: Colours): string[] {
  const given = Object.entries(values).map(([name, value]) => `${name} = ${shown(value)}`)
  return [
    bold(`${route.ownMethods.join(', ')} ${route.rule}`) + `  ${route.endpoint}`,
    ...given.map(each => `  ${each}`),
  ]
}

const shown = (value: unknown) => (typeof value === 'string' ? `'${value}'` : String(value))

function stepsOf({ beforeFirst, teardownAppContext }: Explanation, stages: StageFacts, view: readonly Row[]): Row[] {
  return [
    ...rows('before first', beforeFirst).map(row => ({ ...row, note: 'once, before the first request' })),
    ...rows('url values', stages.preprocessors),
    ...stages.before.map(each => ({ stage: 'before', name: each.name, fn: each.call, note: guardText(each) })),
    ...view,
    ...rows('after', stages.after),
    ...rows('teardown', stages.teardown),
    ...rows('teardown', teardownAppContext).map(row => ({ ...row, note: 'of the application context' })),
    ...rows('after response', stages.afterResponse),
  ]
}

const rows = (stage: string, steps: readonly StepFact[]): Row[] =>
  steps.map(({ name, call: fn }) => ({ stage, name, fn }))

function viewRows({ route, isAutomatic }: Found): Row[] {
  if (isAutomatic) return [{ stage: 'view', name: 'the automatic answer to OPTIONS' }]
  const { name, call: fn } = route.view
  const note = route.answers.length === 0 ? '' : `answers ${route.answers.map(answerText).join(', ')}`
  return [...inputRows(route.input), { stage: 'view', name, fn, note }]
}

const inputRows = (input: readonly InputFact[]): Row[] =>
  input.map(({ location, fields }) => ({ stage: 'input', name: location, note: fields?.join(', ') ?? '' }))

const answerText = ({ status, body }: AnswerFact) => (body === 'none' ? `${status} without a body` : String(status))

const guardText = ({ security, answers }: BeforeFact) =>
  [...security.map(each => `checks ${each}`), ...answers.map(each => `may answer ${each}`)].join(', ')

function unmatchedHead({ reason, near }: Unmatched, args: readonly string[], colours: Colours): string[] {
  const request = args.length === 1 ? `GET ${args[0] as string}` : args.join(' ')
  const rules = near.map(({ methods, rule, endpoint, why }: NearRoute) => [
    `  ${rule}`,
    methods.join(', '),
    endpoint,
    why,
  ])
  const nearest = rules.length === 0 ? [] : ['', 'The nearest rules:', ...table(rules)]
  return [colours.bold(request) + `  ${reasonText(reason)}`, ...nearest]
}

function reasonText(reason: Reason): string {
  switch (reason.kind) {
    case 'redirect':
      return `no route: a redirect (308) to ${reason.location}`
    case 'notAllowed':
      return `no route: 405, this path is for ${reason.allow.join(', ')}`
    case 'notFound':
      return 'no route: 404, no rule matches this path'
    case 'malformed':
      return 'no route: 400, the path has a broken percent escape'
  }
}
