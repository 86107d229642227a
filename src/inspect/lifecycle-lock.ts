import type Koa from 'koa'
import { byText } from './route-order'
import {
  lifecyclesOf,
  type BeforeFact,
  type LifecycleFacts,
  type RouteFacts,
  type StageFacts,
  type StepFact,
} from './route-facts'

const HEADER = `# What runs for each request, in order. "flaskoa lock" writes this file, "flaskoa lock --check" compares it.`

/**
 * The text of `lifecycle.lock`: each route with its ordered hooks, guards and error handlers, one in a line, so that a change of
 * their order is a difference. It is the same on each machine.
 *
 * @param app what `bootstrap` returns, or a Koa application that uses `lifecycle(...)`
 * @throws TypeError for an application without a lifecycle
 */
export function lifecycleLock(app: Koa): string {
  const blocks = lifecyclesOf(app, 'lifecycleLock').flatMap((each, index) =>
    blocksOf(each, index === 0 ? '' : `lifecycle ${index + 1}: `),
  )
  return `${[HEADER, ...blocks].join('\n\n')}\n`
}

/** @param prefix of the headings: few applications have several lifecycles */
function blocksOf(facts: LifecycleFacts, prefix: string): string[] {
  const { everyRequest, routes } = facts
  const common = [
    ...lines('before first', facts.beforeFirst),
    ...stageLines(everyRequest, NOTHING),
    ...lines('teardown of the application context', facts.teardownAppContext),
  ]
  // The methods of one URL are neighbours.
  const sorted = [...routes].sort((a, b) => byText(keyOf(a), keyOf(b)))
  return [
    ...block('every request, also without a route', common),
    ...block('the application', [
      ...facts.extensions.map(name => line('extension', name)),
      ...lines('on start', facts.onStart),
      ...lines('on shutdown', facts.onShutdown),
    ]),
    ...sorted.map(route => routeBlock(route, everyRequest)),
  ].map(text => prefix + text)
}

const block = (heading: string, content: readonly string[]): string[] =>
  content.length === 0 ? [] : [[heading, ...content].join('\n')]

const keyOf = ({ rule, ownMethods, endpoint }: RouteFacts): string => [rule, ...ownMethods, endpoint].join(' ')

/** One route, without what runs for every request. */
function routeBlock(route: RouteFacts, common: StageFacts): string {
  const { rule, ownMethods, endpoint, view, input, answers, isApart } = route
  const inner = [
    ...(isApart ? ['  apart: without the methods of every request'] : []),
    ...(input.length === 0 ? [] : [line('input', input.map(({ location }) => location).join(', '))]),
    line('view', view.name),
    ...(answers.length === 0 ? [] : [line('answers', answers.map(({ status }) => status).join(', '))]),
  ]
  return [
    `${ownMethods.join(', ')} ${rule}  ${endpoint}`,
    ...stageLines(route, isApart ? NOTHING : common, inner),
  ].join('\n')
}

const NOTHING: StageFacts = {
  preprocessors: [],
  before: [],
  after: [],
  teardown: [],
  afterResponse: [],
  errorHandlers: [],
}

/** The methods of a route around its view. */
function stageLines(stages: StageFacts, common: StageFacts, view: readonly string[] = []): string[] {
  const { preprocessors, before, after, teardown, afterResponse, errorHandlers } = stages
  const isShared = (handler: StageFacts['errorHandlers'][number]) =>
    common.errorHandlers.some(({ error, call }) => error === handler.error && call === handler.call)
  return [
    ...inwards('url values', preprocessors, common.preprocessors),
    ...inwards('before', before, common.before),
    ...view,
    ...outwards('after', after, common.after),
    ...outwards('teardown', teardown, common.teardown),
    ...outwards('after response', afterResponse, common.afterResponse),
    ...errorHandlers.filter(each => !isShared(each)).map(({ error, name }) => line(`error ${error}`, name)),
  ]
}

type Step = StepFact & Partial<Pick<BeforeFact, 'security' | 'answers'>>

/** Those behind the methods of every request, which are first on the way in. */
function inwards(stage: string, own: readonly Step[], shared: readonly Step[]): string[] {
  return shared.every(({ call }, index) => own[index]?.call === call)
    ? lines(stage, own.slice(shared.length))
    : wholeList(stage, own)
}

/** Those in front of the methods of every request, which are last on the way out. */
function outwards(stage: string, own: readonly Step[], shared: readonly Step[]): string[] {
  const count = own.length - shared.length
  return shared.every(({ call }, index) => own[count + index]?.call === call)
    ? lines(stage, own.slice(0, count))
    : wholeList(stage, own)
}

/** That of a route which does without some methods of every request, by `only` or `except`. */
const wholeList = (stage: string, own: readonly Step[]): string[] =>
  own.length === 0 ? [line(`all ${stage}`, 'none')] : lines(`all ${stage}`, own)

/** ` (security: session; answers: 401)` */
function guardText(security: readonly string[], answers: readonly number[]): string {
  const parts = [
    ...(security.length > 0 ? [`security: ${security.join(', ')}`] : []),
    ...(answers.length > 0 ? [`answers: ${answers.join(', ')}`] : []),
  ]
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`
}

const lines = (stage: string, steps: readonly Step[]): string[] =>
  steps.map(({ name, security = [], answers = [] }) => line(stage, name + guardText(security, answers)))

const line = (stage: string, text: string): string => `  ${stage}: ${text}`
