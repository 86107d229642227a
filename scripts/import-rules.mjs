// The imports that ESLint allows in src/: directions between its folders, and no circle of imports.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { root } from './checks.mjs'

/** Each folder with the folders that it may import from, types included. All may import types.ts and events.ts, none bootstrap.ts or index.ts. */
const ROOMS = {
  util: [],
  errors: ['util'],
  routing: ['util', 'errors'],
  schema: ['util', 'errors'],
  decorators: ['util', 'errors', 'routing', 'schema', 'input'],
  lifecycle: ['util', 'errors'],
  input: ['util', 'errors', 'schema', 'connection', 'lifecycle'],
  answers: ['util', 'errors', 'schema', 'lifecycle'],
  connection: ['util', 'errors'],
  engine: ['util', 'errors', 'connection'],
  session: ['util', 'errors', 'connection'],
  plan: ['util', 'errors', 'routing', 'decorators', 'lifecycle', 'session', 'schema', 'input', 'answers'],
  response: ['util', 'errors', 'connection', 'engine', 'lifecycle', 'answers'],
  request: [
    'util',
    'errors',
    'routing',
    'lifecycle',
    'connection',
    'engine',
    'session',
    'plan',
    'response',
    'input',
    'schema',
  ],
  functions: ['util', 'errors', 'routing', 'lifecycle', 'connection', 'plan', 'response', 'request'],
  shutdown: ['util', 'errors', 'lifecycle', 'connection', 'engine', 'plan', 'input', 'request'],
  contract: ['decorators', 'routing', 'schema'],
  client: ['util', 'errors', 'routing', 'schema', 'decorators', 'contract'],
  openapi: ['util', 'errors', 'routing', 'decorators', 'lifecycle', 'schema', 'input', 'plan', 'response', 'request'],
  inspect: ['util', 'errors', 'routing', 'schema', 'lifecycle', 'plan', 'request'],
  devtools: ['util', 'errors', 'routing', 'lifecycle', 'connection', 'plan', 'response', 'request', 'inspect'],
  commands: ['util', 'errors', 'schema', 'input', 'plan', 'request'],
  testing: ['util', 'errors', 'lifecycle', 'session', 'request', 'inspect', 'commands'],
  cli: [
    'util',
    'commands',
    'errors',
    'routing',
    'lifecycle',
    'plan',
    'request',
    'functions',
    'shutdown',
    'openapi',
    'inspect',
    'testing',
  ],
  health: ['util', 'errors', 'decorators', 'lifecycle', 'plan', 'request'],
  websocket: ['util', 'errors', 'connection', 'plan', 'request'],
  config: ['util', 'errors', 'schema', 'input', 'plan'],
  static: ['util', 'errors', 'routing', 'decorators', 'lifecycle', 'plan', 'request', 'functions'],
  security: [
    'util',
    'errors',
    'connection',
    'decorators',
    'lifecycle',
    'input',
    'session',
    'plan',
    'request',
    'functions',
  ],
  jinja: ['util', 'errors'],
  templates: ['util', 'errors', 'decorators', 'input', 'plan', 'request', 'functions', 'jinja'],
  telemetry: ['util', 'errors', 'lifecycle', 'connection', 'request'],
}

/** Packages and Node modules that some folders may not import. */
const WITHOUT = {
  lifecycle: ['koa', 'koa-*', 'node:*'],
  routing: ['koa', 'koa-*'],
  decorators: ['koa', 'koa-*', 'node:*'],
  contract: ['koa', 'koa-*', 'node:*'],
  client: ['koa', 'koa-*', 'node:*'],
}

const RULE = '@typescript-eslint/no-restricted-imports'

/** One block of ESLint's configuration for each folder. */
export const directions = Object.entries(ROOMS).map(([room, allowed]) => {
  const closed = Object.keys(ROOMS).filter(other => other !== room && !allowed.includes(other))
  const patterns = [
    {
      group: [...closed.map(other => `../${other}/**`), '../bootstrap', '../index'],
      message: `src/${room} imports only from: ${['types.ts', 'events.ts', ...allowed].join(', ')} (scripts/import-rules.mjs).`,
    },
  ]
  if (WITHOUT[room]) patterns.push({ group: WITHOUT[room], message: `src/${room} does without it.` })
  return { files: [`src/${room}/**/*.ts`], rules: { [RULE]: ['error', { patterns }] } }
})

/** Reports an import that leads back to its own file, directly or through other files, type imports included. */
export const noCircle = {
  meta: { type: 'problem', schema: [], messages: { circle: 'a circle of imports: {{ files }}' } },
  create(context) {
    const check = ({ source }) => {
      if (!source?.value.startsWith('.')) return
      const found = pathBack(targetOf(context.filename, source.value), context.filename)
      if (found) {
        const files = [context.filename, ...found].map(file => relative(root, file)).join(' → ')
        context.report({ node: source, messageId: 'circle', data: { files } })
      }
    }
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check }
  },
}

/** The shortest path of imports from one file to another; `undefined` if there is none. */
function pathBack(from, to) {
  const paths = [[from]]
  const seen = new Set()
  for (const path of paths) {
    const file = path.at(-1)
    if (file === to) return path
    if (seen.has(file)) continue
    seen.add(file)
    for (const next of importsOf(file)) paths.push([...path, next])
  }
  return undefined
}

const imports = new Map()

function importsOf(file) {
  if (!imports.has(file)) {
    const specifiers = [...readFileSync(file, 'utf8').matchAll(/ from '(\.[^']*)'/g)].map(found => found[1])
    imports.set(
      file,
      specifiers.map(specifier => targetOf(file, specifier)),
    )
  }
  return imports.get(file)
}

function targetOf(file, specifier) {
  const path = resolve(dirname(file), specifier)
  return existsSync(`${path}.ts`) ? `${path}.ts` : join(path, 'index.ts')
}
