// Compiled, never run: what must compile of commands and of the configuration.
import { Command, bootstrap, currentApp, type CommandArgs, type OutputOf } from 'flaskoa'
import { config } from 'flaskoa/config'
import { z } from 'zod'

const Values = z.object({ id: z.number(), all: z.boolean().default(false) })

declare module 'flaskoa' {
  interface Config extends OutputOf<typeof Values> {}
}

export class Commands {
  @Command('bare') bare(): unknown {
    return 1
  }
  @Command('named', { args: ['file', 'format'], start: false })
  named({ file, format }: { file: string; format: string }) {
    return file + format
  }
  @Command('fewer', { args: ['file'] }) fewer() {
    return 1
  }
  @Command('checked', { args: Values, positionals: ['id'], description: 'checks' })
  async checked({ id, all }: z.output<typeof Values>) {
    return Promise.resolve([id.toFixed(), all])
  }
}

const args: CommandArgs<{ args: typeof Values }> = [{ id: 1, all: true }]

const settings = config(Values, { override: { id: 1 }, options: ({ id }) => ({ baseUrl: `http://${id.toFixed()}` }) })
const app = bootstrap(Commands, { extensions: [settings] })
export const values: [number, boolean, number, boolean, unknown] = [
  settings.values.id,
  app.config.all,
  currentApp().config.id,
  settings.values.all,
  args,
]
