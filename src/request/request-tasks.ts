import { abortBehind, abortSignal } from '../connection/abort-signal'
import { endAfterResponse } from '../connection/unread-body'
import type { Task, TaskOwner } from '../lifecycle/coroutine'
import { interruption } from '../lifecycle/interruption'
import { closeBody } from '../response/body'
import type { Context } from '../types'
import { inThisScope } from '../util/async-scope'
import type { AppContext } from './app-context'
import type { RequestSession } from './request-session'
import { runIn } from './storage'

type Tasks = TaskOwner['tasks']

/** Before the first one waits. */
const NO_TASKS: readonly never[] = Object.freeze([])

/**
 * What one request waits for, and how long. A request that never waits has none.
 * (`private`, not `#`: `#` fields cost 0.6 % of a request in the objects that each request makes.)
 */
export class RequestTasks implements Tasks {
  /** Why a task of this request was interrupted. The code that it waited for may still run. */
  interruption: Error | undefined
  private readonly request: AppContext
  private readonly session: RequestSession
  private readonly isInFlight: boolean
  private tasks: readonly Task[] = NO_TASKS
  /** Those of the same request in a lifecycle inside of this one. */
  private inner: RequestTasks | undefined

  /** @param isInFlight whether a shutdown may interrupt the request */
  constructor(request: AppContext, session: RequestSession, isInFlight: boolean, outer: RequestTasks | undefined) {
    this.request = request
    this.session = session
    this.isInFlight = isInFlight
    if (outer !== undefined) outer.inner = this
  }

  started(task: Task): void {
    if (this.tasks === NO_TASKS) {
      this.tasks = []
      // In the async context of the request, not in that of a shutdown.
      if (this.isInFlight) this.interrupt = inThisScope(this.interrupt.bind(this))
    }
    ;(this.tasks as Task[]).push(task)
    const { requestTimeout } = this.request.runtime
    if (requestTimeout === undefined) return
    task.deadline = setTimeout(() => this.timeOut(task, requestTimeout), requestTimeout)
  }

  ended(task: Task): void {
    const tasks = this.tasks as Task[]
    // Most often it is the only one.
    if (tasks.length === 1) tasks.pop()
    else tasks.splice(tasks.indexOf(task), 1)
  }

  discard(value: unknown): void {
    if (value !== this.request.ctx?.req) closeBody(value)
  }

  /** Not an error by which the code that was interrupted passes the interruption on. */
  report(error: Error): void {
    if (abortBehind(this.request.ctx as Context, error) === undefined) this.request.report(error)
  }

  /** Aborts the signal and interrupts all tasks. */
  interrupt(error: Error): void {
    if (this.tasks.length === 0) this.request.report(error)
    this.giveUp(error, [...this.tasks])
  }

  /** What comes now, error handlers, after methods, teardown, may wait as long again: the same error then, reported once. */
  private timeOut(task: Task, requestTimeout: number): void {
    const { method, path } = this.request.ctx as Context
    const message = `${method} ${path} took longer than requestTimeout, ${requestTimeout} ms`
    task.deadline?.refresh()
    this.giveUp(this.interruption ?? interruption(message, 'REQUEST_TIMEOUT'), [task])
  }

  private giveUp(error: Error, tasks: readonly Task[]): void {
    const request = this.request
    const inner = this.inner
    request.generation = { context: request }
    runIn(request, () => {
      this.interruption ??= error
      this.session.interrupt(error)
      abortSignal(request.ctx as Context, error)
      endAfterResponse(request.ctx as Context)
      // The inner tasks first: nothing waits for them any longer. What has ended there has ended well.
      if (inner !== undefined && inner.tasks.length > 0) inner.giveUp(error, [...inner.tasks])
      for (const task of tasks) task.interrupt(error)
    })
  }
}
