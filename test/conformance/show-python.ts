import type { Json, Method, Program, Scope, Step, Value } from './program'

const ARGUMENTS = {
  preprocess: 'endpoint, values',
  after: 'response',
  error: 'error',
  teardown: 'error',
  view: '**values',
}

/** A program as a file that runs: `python3 program.py`. */
export function toPython({ config, app, requests }: Program): string {
  const settings = {
    SECRET_KEY: config.secret ? 'secret' : null,
    PROPAGATE_EXCEPTIONS: config.propagate,
    TESTING: config.testing,
    DEBUG: config.debug,
    TRAP_HTTP_EXCEPTIONS: config.trap,
  }
  return `from flask import *
from werkzeug.exceptions import HTTPException, NotFound, default_exceptions

class Base(Exception): pass
class Derived(Base): pass
class Missing(NotFound): pass

App = Flask("oracle", static_folder=None)
App.config.update(${python(settings)})
${scopeOf(app)}

client = App.test_client()
for method, url in [${requests.map(({ method, url }) => python([method, url])).join(', ')}]:
    try:
        response = client.open(url, method=method)
        print(response.status, response.get_data())
    except Exception as error:
        print(repr(error))`
}

function scopeOf(scope: Scope): string {
  const nested = scope.blueprints.map(each => {
    const prefix = each.prefix === '' ? 'None' : python(each.prefix)
    const made = `${each.name} = Blueprint("${each.name}", "oracle", url_prefix=${prefix})`
    return `${made}\n${scopeOf(each)}\n${scope.name}.register_blueprint(${each.name})`
  })
  return [...scope.methods.map(method => functionOf(scope.name, method)), ...nested].join('\n')
}

function functionOf(scope: string, method: Method): string {
  const { name, kind, steps } = method
  const args = kind in ARGUMENTS ? ARGUMENTS[kind as keyof typeof ARGUMENTS] : ''
  const shown = args === '' ? '' : `, ${args.replace('**', '')}`
  const body = [`print("${scope}.${name}"${shown})`, ...steps.flatMap(step => statement(step))]
  if (kind === 'after') body.push('return response')
  return `\n${decoratorsOf(scope, method).join('\n')}\ndef ${name}(${args}):\n${indented(body)}`
}

const indented = (lines: readonly string[]): string => lines.map(line => `    ${line}`).join('\n')

function decoratorsOf(scope: string, { name, kind, appWide, key, routes = [] }: Method): string[] {
  const wide = appWide && scope !== 'App' ? 'app_' : ''
  switch (kind) {
    case 'first':
      return [`@${scope}.before_${scope === 'App' ? '' : 'app_'}first_request`]
    case 'preprocess':
      return [`@${scope}.url_value_preprocessor`]
    case 'before':
    case 'after':
    case 'teardown':
      return [`@${scope}.${kind}_${wide}request`]
    case 'error':
      return [`@${scope}.${wide}errorhandler(${String(key)})`]
    case 'view':
      return routes.map(({ rule, methods, strictSlashes, automaticOptions, defaults }) => {
        const more = automaticOptions ? '' : ', provide_automatic_options=False'
        const settings = `methods=${python(methods)}, strict_slashes=${python(strictSlashes)}, defaults=${python(defaults)}`
        return `@${scope}.route(${python(rule)}, endpoint="${name}", ${settings}${more})`
      })
  }
}

function statement(step: Step): string[] {
  switch (step.do) {
    case 'g.set':
      return [`g.${step.key} = ${python(step.value)}`]
    case 'session.set':
      return [`session["${step.key}"] = ${python(step.value)}`]
    case 'g.get':
    case 'session.get':
      return [`print(${step.do}("${step.key}"))`]
    case 'session.has':
      return [`print("${step.key}" in session)`]
    case 'session.delete':
      return [`session.pop("${step.key}", None)`]
    case 'session.clear':
      return ['session.clear()']
    case 'session.poison':
      return ['session["poison"] = object()']
    case 'session.permanent':
      return [`session.permanent = ${python(step.value)}`]
    case 'values.set':
      return [`values["${step.key}"] = ${python(step.value)}`]
    case 'values.pop':
      return [`values.pop("${step.key}", None)`]
    case 'afterThis': {
      const body = [...step.steps.flatMap(statement), 'return response']
      return ['@after_this_request', 'def hook(response):', ...body.map(line => `    ${line}`)]
    }
    case 'status':
      return [`response.status_code = ${step.status}`]
    case 'header':
      return [`response.headers["${step.name}"] = "${step.value}"`]
    case 'replace':
      return [`response = ${expression(step.value)}`]
    case 'return':
      return [`return ${expression(step.value)}`]
    case 'raise':
      return [raising(step) + (step.once ? '  # the first time only' : '')]
  }
}

function raising({ error }: Extract<Step, { do: 'raise' }>): string {
  if (error.kind === 'abort') return `abort(${error.code})`
  if (error.kind === 'abortResponse') return `abort(make_response(${expression(error.value)}))`
  if (error.kind === 'again') return 'raise locals().get("error") or Exception()'
  return `raise ${error.kind === 'value' ? 'Exception' : error.kind}()`
}

function expression(value: Value): string {
  switch (value.kind) {
    case 'text':
      return python(value.text)
    case 'bytes':
      return `${python(value.text)}.encode()`
    case 'json':
      return python(value.json)
    case 'httpError':
      return `default_exceptions[${value.code}]()`
    case 'redirect':
      return `redirect(${python(value.url)}, ${value.code})`
    case 'response':
      return `make_response(${expression(value.body)}, ${python(value.status)}, ${python(value.headers)})`
    case 'stream': {
      const chunks = value.chunks.map(chunk => {
        if (chunk.kind === 'fail') return '1 / 0'
        return chunk.kind === 'text' ? python(chunk.text) : `str(${chunk.kind}.get("${chunk.key}"))`
      })
      const source = `(chunk() for chunk in [${chunks.map(chunk => `lambda: ${chunk}`).join(', ')}])`
      return value.context ? `stream_with_context(${source})` : source
    }
    default:
      return { none: 'None', zero: '0', false: 'False', true: 'True', number: '5', unserialisable: '{"a": object()}' }[
        value.kind
      ]
  }
}

/** JSON as Python. */
function python(value: Json): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`
  if (typeof value !== 'object') return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([key, each]) => `${JSON.stringify(key)}: ${python(each)}`)
    .join(', ')}}`
}
