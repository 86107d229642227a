import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { until } from '../support/until'
import { flaskoa, project, removeProjects } from './support'

afterAll(removeProjects)

const APP = `
const { bootstrap, decorate, Get, TeardownAppContext } = require('flaskoa')
const events = []
class App {
  index() { return 'index' }
  close() { events.push('closed') }
}
decorate(App, { index: Get('/'), close: TeardownAppContext })
module.exports = Object.assign(bootstrap(App, { baseUrl: 'http://a.example' }), { events })
`
const shell = (lines: readonly string[], given: object = {}) =>
  flaskoa(['shell'], { cwd: project({ 'app.js': APP }), stdin: lines.join('\n'), ...given })

/** What a REPL printed, without its prompts, which for a further line are those of the version of Node. */
const answers = (stdout: string) =>
  stdout
    .replace(/(flaskoa> |\.\.\. |\| )+/g, '')
    .split('\n')
    .filter(line => line !== '')

test('lines of a pipe are evaluated in an application context, one after the other', async () => {
  const lines = [
    "(await client.get('/')).text",
    'app.events',
    'g.x = 1',
    'g',
    "urlFor('index')",
    'await new Promise(resolve => setTimeout(resolve, 5, 40))',
    'let a = [',
    '7]',
    'a',
  ]
  const { stdout, ...ended } = await shell(lines)
  expect(ended).toEqual({ code: 0, stderr: '' })
  expect(answers(stdout)).toEqual([
    "'index'",
    "[ 'closed' ]", // of the request of the client
    '1',
    'g { x: 1 }',
    "'http://a.example/'",
    '40',
    'undefined',
    '[ 7 ]',
  ])
})

test('an error does not end it, and .exit does, before the end of the pipe', async () => {
  const { stdout, code } = await shell(['nope', '1', '.exit', '999'])
  expect(code).toBe(0)
  expect(answers(stdout).filter(line => !line.startsWith('    at '))).toEqual([
    'Uncaught ReferenceError: nope is not defined',
    '1',
  ])
})

test('on a terminal it is Node that reads, and keeps a history if it is asked to', async () => {
  const history = join(project({}), 'history')
  const given = { isTerminal: true, env: { NODE_REPL_HISTORY: history } }
  const { stdout, code } = await shell(['1 + 1', '.exit', ''], given)
  expect(code).toBe(0)
  expect(stripVTControlCharacters(stdout)).toContain('1 + 1\r\n2\n')
  await until('the history is written', () => readFileSync(history, 'utf8') === '.exit\n1 + 1')
})

test('the history has the last line when the command ends', async () => {
  const history = join(project({ history: '5\n' }), 'history')
  const given = { isTerminal: true, env: { NODE_REPL_HISTORY: history } }
  await shell(['1 + 1', '.exit', ''], given)
  expect(readFileSync(history, 'utf8').split('\n').slice(0, 2)).toEqual(['.exit', '1 + 1'])
  const missing = { isTerminal: true, env: { NODE_REPL_HISTORY: join(history, 'nowhere') } }
  expect((await shell(['1 + 1', '.exit', ''], missing)).code).toBe(0)
})

test('an empty pipe ends it', async () => {
  expect(await shell([])).toEqual({ code: 0, stdout: 'flaskoa> ', stderr: '' })
})

test('an empty NODE_REPL_HISTORY keeps no history', async () => {
  const { stdout, code } = await shell(['1 + 1', '.exit', ''], { isTerminal: true, env: { NODE_REPL_HISTORY: ' ' } })
  expect(code).toBe(0)
  expect(stripVTControlCharacters(stdout)).toContain('1 + 1\r\n2\n')
})
