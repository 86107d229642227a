import { isHeld, isStream, type Fault, type Plan } from './plan'
import { ANSWER } from './strike'

/**
 * What a plan must lead to, if its client stays and the server has time enough. `own`: the planned error, or one that has it
 * as its cause; `type`: a TypeError of the framework; `deadline`: the interruption.
 */
export interface Expectation {
  readonly status: number
  /** What teardown methods get. */
  readonly error: 'none' | 'own' | 'type' | 'deadline' | 'view'
  /** Whether the response breaks off in its middle. */
  readonly breaks: boolean
  /** Whether the route's blueprints take part: not if the request failed before it had a route. */
  readonly isMatched: boolean
  /** The body, if it is to be compared. */
  readonly body?: string | undefined
}

type Part = Partial<Expectation>

const FAILED: Part = { status: 500, error: 'own' }
const LATE: Part = { status: 503, error: 'deadline' }
const TYPE: Part = { status: 500, error: 'type' }

const ERRORS: readonly string[] = ['throw', 'throw no error', 'throw undefined', 'reject', 'reject late']

export function expected(plan: Plan, id: string, streamed: string): Expectation {
  const { scope, fault } = plan
  const hasRoute = scope !== 'nowhere' && scope !== 'wrong method'
  const normal: Expectation = hasRoute
    ? {
        status: plan.body === 'made' ? 201 : 200,
        error: 'none',
        breaks: false,
        isMatched: true,
        body: bodyOf(plan, id, streamed),
      }
    : { status: scope === 'nowhere' ? 404 : 405, error: 'none', breaks: false, isMatched: false }
  const part = fault === undefined ? {} : partOf(fault, plan, hasRoute)
  const isOwnBody = part.status === undefined && part.body === undefined
  return { ...normal, ...(isOwnBody ? {} : { body: undefined }), ...part }
}

function bodyOf({ body, method }: Plan, id: string, streamed: string): string | undefined {
  if (method === 'HEAD') return ''
  if (isStream(body)) return streamed
  return body === 'text' ? id : JSON.stringify({ id })
}

/** What is otherwise than in a request without a fault. */
function partOf(fault: Fault, plan: Plan, hasRoute: boolean): Part {
  const { place } = fault
  if (place === 'store get') return before(fault)
  // Without a route there is no view, and nothing that hangs on it.
  if (!hasRoute && !['preprocessor', 'before', 'after'].includes(place)) return {}
  if (place === 'blueprint before' || place === 'blueprint after') {
    if (plan.scope === 'app') return {}
  }
  switch (place) {
    case 'converter':
      return before(fault)
    case 'preprocessor':
      return fault.manner === 'redirect'
        ? TYPE
        : ['answer', 'nothing', 'cut'].includes(fault.manner)
          ? {}
          : dispatch(fault)
    case 'before':
    case 'blueprint before':
      return fault.manner === 'nothing' ? {} : dispatch(fault)
    case 'view':
      return fault.manner === 'nothing' ? TYPE : dispatch(fault)
    case 'value':
      return fault.manner === 'a date' ? TYPE : { ...TYPE }
    default:
      return answering(fault, plan)
  }
}

/** Before the route is known, or in what is outside of the user's methods. */
function before({ manner }: Fault): Part {
  if (manner === 'never') return { ...LATE, isMatched: false }
  return manner === 'cut' ? {} : { ...FAILED, isMatched: false }
}

/** Where errors go to the handlers, and any value is an answer. */
function dispatch({ manner }: Fault): Part {
  if (ERRORS.includes(manner)) return FAILED
  if (manner === 'http error') return { status: 418 }
  if (manner === 'abort(response)' || manner === 'answer') return { status: 200, body: ANSWER }
  if (manner === 'never') return { status: 503 }
  return manner === 'redirect' ? { status: 302 } : {}
}

/** Where the response is being made. */
function answering(fault: Fault, plan: Plan): Part {
  const { place, manner } = fault
  if (place === 'error handler') return handling(manner)
  if (place === '500 handler') return serverError(manner, plan)
  if (place.endsWith('chunk')) return streaming(fault, plan)
  if (manner === 'nothing' || manner === 'answer') return TYPE
  if (manner === 'redirect') return { status: 302 }
  if (manner === 'never') return LATE
  return manner === 'cut' ? {} : FAILED
}

function handling(manner: Fault['manner']): Part {
  if (manner === 'cut') return { status: 409 }
  if (manner === 'never') return LATE
  if (manner === 'nothing') return TYPE
  if (manner === 'answer') return { status: 200, body: ANSWER }
  return manner === 'redirect' ? { status: 302 } : FAILED
}

/** Teardown gets the error that it was asked to answer, whatever it does. */
function serverError(manner: Fault['manner'], { scope }: Plan): Part {
  const failed: Part = { status: 500, error: 'view' }
  if (scope !== 'inner') return failed
  if (manner === 'answer') return { ...failed, status: 200, body: ANSWER }
  return manner === 'redirect' ? { ...failed, status: 302 } : failed
}

function streaming({ manner }: Fault, { body, method }: Plan): Part {
  // HEAD starts no stream; what is held is closed at once.
  if (method === 'HEAD' || manner === 'cut') return {}
  return { breaks: true, error: isHeld(body) && manner !== 'never' ? 'own' : 'none' }
}
