import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { bootstrap, Get, type BootstrapOptions } from 'flaskoa'
import { renderTemplate, renderTemplateString, templates, type TemplatesOptions } from 'flaskoa/templates'
import { testRequestContext } from 'flaskoa/testing'

const made: string[] = []

afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true })
})

/** A new folder with these files. */
export function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'flaskoa-templates-'))
  made.push(folder)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

export class Empty {
  @Get('/') index() {
    return 'index'
  }
}

/** An application with these templates. */
export function appOf(
  files: Readonly<Record<string, string>>,
  options: TemplatesOptions = {},
  more: BootstrapOptions = {},
  controller: new () => object = Empty,
) {
  const folder = folderOf(files)
  return bootstrap(controller, {
    logger: false,
    secretKey: 'a secret that is long enough for it!',
    extensions: [templates({ ...(options.engine === undefined && { folders: folder }), ...options })],
    ...more,
  })
}

type Values = Readonly<Record<string, unknown>>

/** Renders a text in a request. */
export const renderText = (source: string, values: Values = {}, options: TemplatesOptions = {}): Promise<string> =>
  testRequestContext(appOf({}, options), '/', () => renderTemplateString(source, values))

/** Renders the first of some files in a request. */
export const renderFiles = (files: Readonly<Record<string, string>>, values: Values = {}): Promise<string> =>
  testRequestContext(appOf(files), '/', () => renderTemplate(Object.keys(files)[0] as string, values))
