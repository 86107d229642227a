import type { Colours } from './colour'
import type { Command, CommandOption } from './command'
import { table } from './table'

/** The options of each command. */
export const COMMON: Readonly<Record<string, CommandOption>> = {
  app: { type: 'string', value: 'FILE:NAME', help: 'the application, for instance src/app.ts:createApp("test")' },
  help: { type: 'boolean', help: 'this text' },
}

/** `flaskoa --help` */
export function overview(commands: readonly Command[], { bold }: Colours): string {
  return [
    'flaskoa COMMAND [options]',
    '',
    bold('Commands:'),
    ...table(commands.map(({ name, args, summary }) => [`  ${name} ${args}`.trimEnd(), summary])),
    '',
    bold('Options:'),
    ...optionLines({ ...COMMON, version: { type: 'boolean', help: "flaskoa's version" } }),
    '',
    'The application is the one that --app names, or the variable FLASKOA_APP, or "flaskoa": { "app": … } in package.json, or',
    'app.ts or app.js in src, the folder itself, or dist: its export app, application or default, or what its function createApp or',
    'makeApp makes. TypeScript needs tsx in the project. "flaskoa COMMAND --help" has examples.',
    '',
  ].join('\n')
}

/** `flaskoa routes --help` */
export function commandHelp({ name, args, help, options, examples }: Command, { bold }: Colours): string {
  return [
    `flaskoa ${name} ${args}`.trimEnd() + ' [options]',
    '',
    help,
    '',
    bold('Options:'),
    ...optionLines({ ...options, ...COMMON }),
    '',
    bold('Examples:'),
    ...table(examples.map(([example, does]) => [`  ${example}`, does])),
    '',
  ].join('\n')
}

const optionLines = (options: Readonly<Record<string, CommandOption>>): string[] =>
  table(Object.entries(options).map(([name, { value, help }]) => [`  --${name} ${value ?? ''}`.trimEnd(), help]))
