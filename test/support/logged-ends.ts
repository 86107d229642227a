import { AfterResponse, TeardownRequest, type Outcome } from 'flaskoa'
import { note } from './log'

/** Adds the end of each request to the log, with a name. */
export abstract class LoggedEnds {
  abstract name: string

  @TeardownRequest() teardown(error: Error | undefined) {
    note(`${this.name} teardown ${error?.name ?? ''}`.trim())
  }

  @AfterResponse() outcome(outcome: Outcome) {
    const { aborted, error } = outcome
    note(`${this.name} ${this.codes(outcome)} ${aborted ? 'aborted' : 'whole'} ${error?.message ?? ''}`.trim())
  }

  /** Which numbers of the outcome are in the log. */
  protected codes({ status }: Outcome): string {
    return String(status)
  }
}
