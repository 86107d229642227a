import type { Command } from './command'
import { dev } from './dev'
import { explain } from './explain'
import { lock } from './lock'
import { openapi } from './openapi'
import { routes } from './routes'
import { serve } from './serve'
import { shell } from './shell'

/** The commands in the order of the help. */
export const commands: readonly Command[] = [routes, explain, lock, openapi, shell, dev, serve]
