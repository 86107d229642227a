import { relative, resolve } from 'node:path'
import type Koa from 'koa'
import { blueprintOptionsOf } from '../openapi/blueprint'
import { openapi as documentOf, type OpenApiDocument } from '../openapi/document'
import type { OpenApiOptions } from '../openapi/options'
import { SetupError } from '../errors/setup-error'
import { runtimesOf } from '../request/runtime'
import type { Command } from './command'
import { Failure } from './failures'
import { packageOf } from './find-app'
import { writeText } from './write-text'

export const openapi: Command = {
  name: 'openapi',
  args: '',
  summary: 'writes the OpenAPI document of the application',
  help:
    'Writes the OpenAPI 3.1 document of all routes, to the terminal or to a file. If the application serves its document by\n' +
    "openapiBlueprint, it is that one; otherwise its title and version are the package's name and version.",
  options: {
    out: { type: 'string', value: 'FILE', help: 'write to this file' },
    title: { type: 'string', value: 'TEXT', help: "the document's title" },
    'api-version': { type: 'string', value: 'TEXT', help: "the document's version" },
  },
  examples: [
    ['flaskoa openapi --out openapi.json', 'writes the document to a file'],
    ['flaskoa openapi --title Shop --api-version 2.1', 'with another title and version'],
  ],
  async run({ io, values, load }) {
    const { app, project } = await load()
    const given = { title: values.title, version: values['api-version'] }
    const document = make(app, optionsFor(app, packageOf(project), given))
    const text = `${JSON.stringify(document, null, 2)}\n`
    if (typeof values.out !== 'string') {
      io.stdout.write(text)
      return 0
    }
    const file = resolve(io.cwd, values.out)
    writeText(file, text, relative(io.cwd, file))
    io.stdout.write(`${relative(io.cwd, file)} is written.\n`)
    return 0
  },
}

function optionsFor(app: Koa, { name, version }: Readonly<Record<string, unknown>>, given: object): OpenApiOptions {
  const [own] = runtimesOf(app).flatMap(({ plan }) => blueprintOptionsOf(plan) ?? [])
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const info = {
    title: typeof name === 'string' ? name : 'API',
    version: typeof version === 'string' ? version : '0.0.0',
    ...own?.info,
    ...said,
  }
  return { ...own, info }
}

/** What is wrong with the application is said by the message. */
function make(app: Koa, options: OpenApiOptions): OpenApiDocument {
  try {
    return documentOf(app, options)
  } catch (error) {
    throw error instanceof SetupError ? new Failure(error.message) : error
  }
}
