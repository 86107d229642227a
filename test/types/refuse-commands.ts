// Compiled, never run: what must not compile of commands and of the configuration.
import { Command, currentApp } from 'flaskoa'
import { config } from 'flaskoa/config'
import { z } from 'zod'

const Values = z.object({ id: z.number() })

export class Commands {
  // @ts-expect-error Unable to resolve signature of method decorator
  @Command('bare') bare(values: object) {
    return values
  }
  // @ts-expect-error Unable to resolve signature of method decorator
  @Command('named', { args: ['file'] }) named({ format }: { format: string }) {
    return format
  }
  // @ts-expect-error Unable to resolve signature of method decorator
  @Command('checked', { args: Values }) checked({ id }: { id: string }) {
    return id
  }
  // @ts-expect-error is not assignable to type
  @Command('wrong', { args: 'file' }) wrong() {
    return 1
  }
}

const { values } = config(Values)
// @ts-expect-error Cannot assign to 'id' because it is a read-only property
values.id = 1
// @ts-expect-error Property 'nme' does not exist
void values.nme
// @ts-expect-error Property 'nme' does not exist
void currentApp().config.nme
// @ts-expect-error is not assignable to type
config(Values, { override: { id: 'one' } })
// @ts-expect-error is not assignable to parameter of type
config(z.string())
