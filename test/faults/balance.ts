import { existsSync } from 'node:fs'
import type { Sent } from './client'
import { isInterruption, type Entry } from './entry'
import { expected, type Expectation } from './model'
import { ends, endOf, TEARDOWNS } from './names'
import { isStream } from './plan'
import type { Seen } from './reader'
import { streamed } from './sources'

/** The problems of a request, one line each; empty if there are none. */
export function problemsOf(sent: Sent, entry: Entry | undefined, mayBeUnanswered: boolean): string[] {
  if (sent.hung) return ['the client waited for ever']
  if (entry === undefined) return sent.seen.kind === 'complete' ? ['answered without a lifecycle'] : []
  const wanted = expected(entry.plan, entry.id, streamed(entry.id))
  const { isOnTime } = entry
  return [
    ...entry.wrongs,
    ...endProblems(entry, wanted, isOnTime),
    ...(isOnTime ? errorProblems(sent, entry, wanted) : []),
    ...reportProblems(entry, wanted, sent.left || isCutOff(sent.seen, mayBeUnanswered)),
    ...outcomeProblems(sent, entry, mayBeUnanswered),
    ...(sent.left ? [] : clientProblems(sent, entry, wanted, isOnTime, mayBeUnanswered)),
  ]
}

/** Whether the connection may have ended before the stream of this response failed. */
const isCutOff = ({ kind }: Seen, mayBeUnanswered: boolean): boolean =>
  kind === 'nothing' || (kind === 'broken' && mayBeUnanswered)

/** Each teardown method must run once, then each @AfterResponse method once, all after the view and the stream. */
function endProblems(entry: Entry, { isMatched }: Expectation, isOnTime: boolean): string[] {
  const { log, plan } = entry
  const ran = ends(log).join(', ')
  const may = [endOf(plan.scope, isMatched), ...(isOnTime ? [] : [endOf(plan.scope, false)])].map(String)
  const left = entry.files.filter(path => existsSync(path)).map(path => `a file is left: ${path}`)
  const problems = may.includes(ran.replaceAll(', ', ',')) ? [] : [`ended by: ${ran || 'nothing'}`]
  problems.push(...left)
  const first = log.findIndex(each => TEARDOWNS.includes(each))
  const stream = log.indexOf('stream ended')
  const isHeld = isStream(plan.body) && plan.body !== 'plain'
  if (isHeld && stream > first && plan.fault?.manner !== 'never') problems.push('teardown before the end of the stream')
  if (log.includes('stream') && stream === -1 && plan.fault?.manner !== 'never')
    problems.push('the source was left open')
  return problems
}

const causes = (error: unknown): unknown[] =>
  error instanceof Error ? [error, ...('cause' in error ? causes(error.cause) : [])] : [error]

function errorProblems(sent: Sent, entry: Entry, wanted: Expectation): string[] {
  const [error, ...others] = entry.teardownErrors
  if (others.some(other => other !== error)) return ['teardown methods got different errors']
  // A stream that was never sent, because its client had disconnected, ends like an ordinary response.
  const mayBeNone = error === undefined && isStream(entry.plan.body)
  if (sent.seen.kind !== 'complete' && (mayBeNone || isGone(error))) return []
  return fits(error, entry, wanted.error) ? [] : [`teardown got ${String(error)}, not ${wanted.error}`]
}

/** The reason when a stream could not be sent: the client's or the server's end of the connection is gone. */
function isGone(error: Error | undefined): boolean {
  const { code } = (error ?? {}) as NodeJS.ErrnoException
  return ['ABORT_ERR', 'ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'].includes(code ?? '')
}

function fits(error: Error | undefined, { thrown, plan }: Entry, wanted: Expectation['error']): boolean {
  switch (wanted) {
    case 'none':
      return error === undefined
    case 'own':
      // The cause of an error for a value that is no error may be the error that was being handled: its text has the value.
      return error !== undefined && plan.fault !== undefined && refersTo(error, thrown.get(plan.fault.place)?.[0])
    case 'view':
      return error === thrown.get('view')?.[0]
    case 'type':
      return error instanceof TypeError
    case 'deadline':
      return error !== undefined && isInterruption(error)
  }
}

/** Whether the error is the thrown value, has it as a cause or names it. */
const refersTo = (error: Error, thrown: unknown): boolean =>
  causes(error).includes(thrown) || (!(thrown instanceof Error) && error.message.includes(String(thrown)))

/** Each error must be reported once. The error of teardown must be reported, unless the client's disconnecting caused it. */
function reportProblems(entry: Entry, { error: wanted, breaks }: Expectation, isUnsent: boolean): string[] {
  const { reported, teardownErrors, thrown, plan } = entry
  const [error] = teardownErrors
  const problems: string[] = []
  if (new Set(reported).size < reported.length) problems.push(`reported twice: ${reported.join(', ')}`)
  if (error !== undefined && !isGone(error) && !isUnsent && !reported.includes(error))
    problems.push(`not reported: ${String(error)}`)
  for (const fault of [plan.late, ...(wanted === 'own' || breaks ? [plan.fault] : [])]) {
    const all = (fault && thrown.get(fault.place)) ?? []
    const times = reported.filter(each => all.some(one => refersTo(each, one))).length
    // Node does not treat `undefined` from a stream as an error: the transfer breaks off and there is nothing to report. And
    // no listener is left on a stream that fails after its connection has closed.
    const isNothing = breaks && times === 0 && (all[0] === undefined || isUnsent)
    // A store that fails again for the same request has been reported.
    const wantedTimes = fault?.place === 'store set' ? Math.min(all.length, 1) : all.length
    // One `undefined` cannot be distinguished from another.
    const isRight = all[0] === undefined ? times >= wantedTimes : times === wantedTimes
    if (!isRight && !isNothing) problems.push(`the error of ${String(fault?.place)} was reported ${times} times`)
  }
  return problems
}

function outcomeProblems({ seen, left }: Sent, entry: Entry, mayBeUnanswered: boolean): string[] {
  const [outcome, ...others] = entry.outcomes
  if (outcome === undefined) return ['no outcome']
  const { aborted, bytesSent, route, status } = outcome
  const isWhole = seen.kind === 'complete'
  const problems: string[] = []
  if (others.some(other => other !== outcome)) problems.push('different outcomes')
  if (route?.includes('/do/') === false) problems.push(`route ${route}`)
  if (isWhole && aborted) problems.push('aborted, but the client has all of it')
  if (!isWhole && !left && !mayBeUnanswered && !aborted) problems.push('not aborted, but the client has not all of it')
  if (isWhole && bytesSent !== seen.bytes) problems.push(`bytesSent ${bytesSent}, received ${seen.bytes}`)
  if (seen.status !== 0 && status !== seen.status) problems.push(`status ${status}, received ${seen.status}`)
  if (entry.signal !== undefined && entry.signal.aborted !== (aborted || entry.isInterrupted))
    problems.push(`signal.aborted ${String(entry.signal.aborted)}, outcome.aborted ${String(aborted)}`)
  return problems
}

function clientProblems(
  { seen, plan, id }: Sent,
  entry: Entry,
  wanted: Expectation,
  isOnTime: boolean,
  mayBeUnanswered: boolean,
): string[] {
  const problems: string[] = []
  const isCut = entry.log.includes('cut')
  if (seen.kind !== 'complete')
    return mayBeUnanswered || wanted.breaks || isCut || !isOnTime ? [] : ['no whole response']
  if (wanted.breaks && isOnTime) problems.push('a broken response looks whole')
  const mark = /\r\nx-id: (.*)\r\n/i.exec(seen.head)?.[1]
  if (mark !== undefined && mark !== id) problems.push(`the field of ${mark}`)
  if (isStream(plan.body) && seen.body.includes(':0;') && seen.body !== streamed(id)) problems.push('part of a stream')
  if (!isOnTime) return problems
  if (seen.status !== wanted.status) problems.push(`status ${seen.status}, not ${wanted.status}`)
  if (wanted.body !== undefined && plan.method !== 'HEAD' && seen.body !== wanted.body)
    problems.push(`body ${JSON.stringify(seen.body.slice(0, 100))}`)
  return problems
}
