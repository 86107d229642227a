import { allScopes, type Method, type Program, type Scope, type Step, type Value } from './program'

const json = JSON.stringify
const NAMES: Readonly<Record<string, string>> = { Exception: 'Error', HTTPException: 'HttpError' }
const ARGUMENTS = {
  preprocess: 'endpoint, values',
  after: 'response',
  error: 'error',
  teardown: 'error',
  view: 'values',
}

/** A program as a file that runs: `npx tsx program.ts`. */
export function toTypeScript({ config, app, requests }: Program): string {
  const options = {
    ...(config.secret ? { secretKey: 'secret' } : {}),
    ...(config.propagate === null ? {} : { propagateExceptions: config.propagate }),
    testing: config.testing,
    debug: config.debug,
    trapHttpExceptions: config.trap,
    afterRequestOnUnhandledError: config.afterOnUnhandled,
    preserveContextOnException: config.preserve,
  }
  const blueprints = app.blueprints.map(({ name }) => name).join(', ')
  return `import createError from 'http-errors'
import * as flaskoa from 'flaskoa'
import { testClient } from 'flaskoa/testing'

const { abort, afterThisRequest, HttpError, makeResponse, redirect, streamWithContext } = flaskoa
const [g, session]: any[] = [flaskoa.g, flaskoa.session]
class Base extends Error {}
class Derived extends Base {}
class Missing extends createError.NotFound {
  constructor() {
    super()
    Object.setPrototypeOf(this, Missing.prototype)
  }
}

${allScopes(app).reverse().map(classOf).join('\n\n')}

const options = ${json(options)}
const client = testClient(flaskoa.bootstrap(App, { ...options, blueprints: [${blueprints}] }))
void (async () => {
${requests.map(({ method, url }) => `  console.log((await client.request('${method}', ${json(url)}).catch(String)) as unknown)`).join('\n')}
})()`
}

function classOf({ name, prefix, methods, blueprints }: Scope): string {
  const nested = blueprints.map(each => each.name).join(', ')
  const decorator = `@flaskoa.Blueprint(${json(prefix)}, { name: '${name}', blueprints: [${nested}] })\n`
  return `${name === 'App' ? '' : decorator}class ${name} {\n${methods.map(each => methodOf(name, each)).join('\n')}\n}`
}

function methodOf(scope: string, method: Method): string {
  const { name, kind, steps } = method
  const args = kind in ARGUMENTS ? ARGUMENTS[kind as keyof typeof ARGUMENTS] : ''
  const typed = args.replace(/\w+/g, arg => `${arg}: any`)
  const end = kind === 'after' ? '\n    return response' : ''
  return `  ${decoratorsOf(method).join('\n  ')}
  ${name}(${typed}): any {
    console.log('${scope}.${name}'${args === '' ? '' : `, ${args}`})${steps.map(step => `\n    ${statement(step)}`).join('')}${end}
  }`
}

function decoratorsOf({ kind, appWide, key, routes = [] }: Method): string[] {
  const where = appWide ? 'App' : ''
  switch (kind) {
    case 'first':
      return ['@flaskoa.BeforeFirstRequest()']
    case 'preprocess':
      return ['@flaskoa.UrlValuePreprocessor()']
    case 'before':
    case 'after':
    case 'teardown':
      return [`@flaskoa.${kind.replace(/^./, first => first.toUpperCase())}${where}Request()`]
    case 'error':
      return [`@flaskoa.${where}ErrorHandler(${NAMES[String(key)] ?? String(key)})`]
    case 'view':
      return routes.map(({ rule, automaticOptions, ...options }) => {
        const more = automaticOptions ? {} : { provideAutomaticOptions: false }
        return `@flaskoa.Route(${json(rule)}, ${json({ ...options, ...more })})`
      })
  }
}

function statement(step: Step): string {
  switch (step.do) {
    case 'g.set':
    case 'session.set':
      return `${step.do.replace('set', step.key)} = ${json(step.value)}`
    case 'g.get':
    case 'session.get':
      return `console.log(${step.do.replace('get', step.key)})`
    case 'session.has':
      return `console.log('${step.key}' in session)`
    case 'session.delete':
      return `delete session.${step.key}`
    case 'session.clear':
      return 'session.clear()'
    case 'session.poison':
      return 'session.poison = () => 1'
    case 'session.permanent':
      return `session.permanent = ${String(step.value)}`
    case 'values.set':
      return `values.${step.key} = ${json(step.value)}`
    case 'values.pop':
      return `delete values.${step.key}`
    case 'afterThis':
      return `afterThisRequest((response: any): any => { ${step.steps.map(statement).join('; ')}; return response })`
    case 'status':
      return `response.status = ${step.status}`
    case 'header':
      return `response.set('${step.name}', '${step.value}')`
    case 'replace':
      return `response = ${expression(step.value)}`
    case 'return':
      return `return ${expression(step.value)}`
    case 'raise':
      return raising(step) + (step.once ? ' // the first time only' : '')
  }
}

function raising({ error }: Extract<Step, { do: 'raise' }>): string {
  if (error.kind === 'abort') return `abort(${error.code})`
  if (error.kind === 'abortResponse') return `abort(makeResponse(${expression(error.value)}))`
  if (error.kind === 'again') return "throw typeof error === 'undefined' ? new Error() : error"
  if (error.kind === 'value') return "throw 'no error'"
  return `throw new ${NAMES[error.kind] ?? error.kind}()`
}

function expression(value: Value): string {
  switch (value.kind) {
    case 'text':
      return json(value.text)
    case 'bytes':
      return `Buffer.from(${json(value.text)})`
    case 'json':
      return json(value.json)
    case 'httpError':
      return `createError(${value.code})`
    case 'redirect':
      return `redirect(${json(value.url)}, ${value.code})`
    case 'response':
      return `makeResponse(${expression(value.body)}, ${value.status ?? 'undefined'}, ${json(value.headers)})`
    case 'stream': {
      const chunks = value.chunks.map(chunk => (chunk.kind === 'fail' ? 'throw new Base()' : chunkOf(chunk)))
      const source = `(async function* () { ${chunks.join('; ')} })()`
      return value.context ? `streamWithContext(${source})` : source
    }
    default:
      return { none: 'undefined', zero: '0', false: 'false', true: 'true', number: '5', unserialisable: '{ a: 1n }' }[
        value.kind
      ]
  }
}

const chunkOf = (chunk: { kind: 'text'; text: string } | { kind: 'g' | 'session'; key: string }): string =>
  `yield ${chunk.kind === 'text' ? json(chunk.text) : `String(${chunk.kind}.${chunk.key})`}`
