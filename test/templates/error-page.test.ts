import { relative } from 'node:path'
import { bootstrap, Get } from 'flaskoa'
import { renderTemplate, renderTemplateString, templates } from 'flaskoa/templates'
import { testClient } from 'flaskoa/testing'
import { folderOf } from './support'

interface Page {
  readonly name: string
  readonly message: string
  readonly frames: readonly {
    readonly name: string
    readonly file: string
    readonly line: number
    readonly owner: string
  }[]
}

const folder = folderOf({
  'layout.html': '<title>\n{% block title %}{% endblock %}\n',
  'page.html': '{% extends "layout.html" %}\n\n{% block title %}\n  {{ post.author.name }}\n{% endblock %}',
  'call.html': '{% macro show(f) %}\n{{ f() }}\n{% endmacro %}\n<p>{{ show(f) }}</p>',
})

class App {
  @Get('/page') page() {
    return renderTemplate('page.html', { post: { secret: ['classi', 'fied'].join('') } })
  }
  @Get('/call') call() {
    return renderTemplate('call.html', { f: () => JSON.parse('{') as unknown })
  }
  @Get('/text') text() {
    return renderTemplateString('a\n<b>\n{{ x.y }}')
  }
}

const client = testClient(bootstrap(App, { debug: true, logger: false, extensions: [templates(folder)] }), {
  propagateExceptions: false,
})
const get = (path: string, accept: string) => client.get(path, { headers: { Accept: accept } })
const shown = (name: string) => {
  const path = relative(process.cwd(), `${folder}/${name}`)
  return path.startsWith('..') ? `${folder}/${name}` : path
}

test('the line of the template comes first, then the templates around it, then the view', async () => {
  const page = (await get('/page', 'application/json')).json<Page>()
  expect([page.name, page.message]).toEqual([
    'TemplateError',
    "page.html:4: 'post.author' is undefined, and has no name",
  ])
  expect(page.frames.slice(0, 2)).toEqual([
    { name: 'block title', file: shown('page.html'), line: 4, column: 1, owner: 'application' },
    { name: 'template layout.html', file: shown('layout.html'), line: 2, column: 1, owner: 'application' },
  ])
  expect(page.frames.filter(({ owner }) => owner === 'application')[2]).toMatchObject({ name: 'App.page' })
})

test('an error of JavaScript has them as well', async () => {
  const page = (await get('/call', 'application/json')).json<Page>()
  expect(page.name).toBe('SyntaxError')
  expect(page.frames.slice(0, 2)).toMatchObject([
    { name: 'macro show', file: shown('call.html'), line: 2 },
    { name: 'template call.html', file: shown('call.html'), line: 4 },
  ])
})

test('HTML shows the lines around it', async () => {
  const { text } = await get('/page', 'text/html')
  const excerpt = /<details class="frame" open>.*?<\/details>/s.exec(text)?.[0]
  expect(excerpt).toContain('<b>block title</b>')
  expect(excerpt).toContain('<mark><span class="number">4</span>   {{ post.author.name }}</mark>')
  expect(excerpt).toContain('{% extends &quot;layout.html&quot; %}')
  expect(text).not.toContain('classified')
})

test('text shows them, also of a template that is a text', async () => {
  const { text } = await get('/text', 'text/plain')
  expect(text).toContain("TemplateError: <template>:3: 'x' is undefined, and has no y")
  expect(text).toContain('  template <template> <template>:3:1')
  expect(text).toContain('  > 3 | {{ x.y }}')
})
