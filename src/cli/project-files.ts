import { readdirSync, type Dirent } from 'node:fs'

/** Folders that no application is written in. */
export const isForeign = (name: string): boolean => name.startsWith('.') || name === 'node_modules'

/** What is in a folder. Of one that is gone, or that must not be read: nothing. */
export function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}
