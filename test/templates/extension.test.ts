import { rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Eta } from 'eta'
import { Blueprint, bootstrap, Get, lifecycle, withAppContext } from 'flaskoa'
import { renderTemplate, renderTemplateString, templates, type TemplateEngine } from 'flaskoa/templates'
import { recordTemplates, testClient, testRequestContext } from 'flaskoa/testing'
import { setupError } from '../support/setup-error'
import { appOf, Empty, folderOf } from './support'

const root = join(__dirname, 'fixtures')
// eslint-disable-next-line @typescript-eslint/no-require-imports -- it has no types
const nunjucks = require('nunjucks') as {
  Environment: new (loader: object) => TemplateEngine
  FileSystemLoader: new (folder: string) => object
}

describe('folders', () => {
  class Pages {
    @Get('/') index() {
      return renderTemplate('hello.html', { greeting: 'Hello', name: '<World>' })
    }
  }

  test('a page', async () => {
    const { text, headers } = await testClient(bootstrap(Pages, { root, extensions: [templates()] })).get('/')
    expect([text, headers['content-type']]).toEqual(['Hello, &lt;World&gt;!', 'text/html; charset=utf-8'])
  })

  test('by name, by an absolute path, in a list', async () => {
    for (const given of [
      'templates',
      join(root, 'templates'),
      ['templates'],
      { folders: 'templates' },
      { folders: undefined },
    ]) {
      expect((await testClient(bootstrap(Pages, { root, extensions: [templates(given)] })).get('/')).status).toBe(200)
    }
  })

  test('of lifecycle as well', () => {
    expect(lifecycle(Pages, { root, extensions: [templates()] })).toBeInstanceOf(Function)
  })

  test('the first folder with a template wins, those of blueprints come last', async () => {
    class Blog {
      @Get('/') index() {
        return ['a', 'b', 'c'].map(name => renderTemplate(`${name}.html`)).join(' ')
      }
    }
    Blueprint('/blog')(Blog)
    const app = bootstrap(Empty, {
      blueprints: [Blog],
      extensions: [
        templates({
          folders: folderOf({ 'a.html': 'blog a', 'b.html': 'blog b', 'c.html': 'blog c' }),
          blueprint: Blog,
        }),
        templates([folderOf({ 'a.html': 'first a' }), folderOf({ 'a.html': 'second a', 'b.html': 'second b' })]),
      ],
    })
    expect((await testClient(app).get('/blog/')).text).toBe('first a second b blog c')
  })

  test('a list of names: the first template that exists', async () => {
    const app = appOf({ 'a.html': 'a', 'broken.html': '{% if %}' })
    const render = (...names: string[]) => testRequestContext(app, '/', () => renderTemplate(names))
    expect(await render('z.html', 'a.html', 'broken.html')).toBe('a')
    await expect(render('y.html', 'z.html')).rejects.toThrow("there is no template 'y.html'")
    await expect(render('z.html', 'broken.html')).rejects.toThrow("broken.html:1: unexpected '%}'")
  })
})

describe('wrong options', () => {
  test.each<[given: unknown, message: string]>([
    [{ folder: 'x' }, "templates has no option 'folder'. Did you mean 'folders'?"],
    [5, "templates: a folder must be a path, such as 'views', not 5."],
    ['', 'templates: a folder must be a path, such as \'views\', not "".'],
    [[1], "templates: a folder must be a path, such as 'views', not 1."],
    [{ filters: { a: 1 } }, 'templates: filters.a must be a function, not 1.'],
    [{ tests: { a: 'x' } }, 'templates: tests.a must be a function, not "x".'],
    [{ globals: 5 }, 'globals must be an object'],
    [{ engine: {} }, 'templates: the engine needs a method render(name, context).'],
    [{ engine: { render: () => '' }, folders: 'x' }, 'templates: the option folders is for the built-in engine'],
    [{ engine: { render: () => '' }, filters: {} }, 'templates: the option filters is for the built-in engine'],
  ])('%j', (given, message) => {
    expect(setupError(() => templates(given as string))).toContain(message)
  })

  test('a folder that does not exist', () => {
    expect(setupError(() => bootstrap(Empty, { root, extensions: [templates('nope')] }))).toBe(
      `FLASKOA_BAD_OPTION templates('nope'): there is no folder ${root}/nope. Folders are relative to the option root of ` +
        `bootstrap, here ${root}: give it as root: import.meta.dirname (in CommonJS __dirname), or make the folder.`,
    )
    expect(setupError(() => bootstrap(Empty, { root, extensions: [templates('templates/hello.html')] }))).toContain(
      'there is no folder',
    )
  })
})

describe('wrong arguments', () => {
  const render = (use: () => unknown) => testRequestContext(appOf({}), '/', use)
  test.each<[use: () => unknown, message: string]>([
    [
      () => renderTemplate(5 as unknown as string),
      'renderTemplate(name): the name must be a text, or a list of texts, not 5',
    ],
    [
      () => renderTemplate([]),
      'renderTemplate(name): the name must be a text, or a list of texts, not an object of class Array',
    ],
    [
      () => renderTemplate('a', 5 as unknown as object),
      'renderTemplate(name, values): the values must be an object, not 5',
    ],
    [
      () => renderTemplateString(5 as unknown as string),
      'renderTemplateString(source): the source must be a text, not 5',
    ],
    [
      () => renderTemplateString('a', []),
      'renderTemplateString(source, values): the values must be an object, not an object of class Array',
    ],
  ])('%#', async (use, message) => {
    await expect(render(use)).rejects.toThrow(new TypeError(message))
  })

  test('an application without the extension', async () => {
    const app = bootstrap(Empty)
    await expect(testRequestContext(app, '/', () => renderTemplate('a'))).rejects.toThrow(
      "renderTemplate(): the application has no templates. Add the extension: bootstrap(App, { extensions: [templates('views')] }).",
    )
    await expect(testRequestContext(app, '/', () => renderTemplateString('a'))).rejects.toThrow(
      'renderTemplateString(): the application',
    )
  })
})

describe('a template that changes', () => {
  const LATER = new Date(Date.now() + 5000)
  const change = (folder: string, name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    utimesSync(join(folder, name), LATER, LATER)
  }
  const render = (app: ReturnType<typeof bootstrap>) => testRequestContext(app, '/', () => renderTemplate('a.html'))

  test('is read once in production', async () => {
    const folder = folderOf({ 'a.html': 'one {% include "b.html" %}', 'b.html': 'two' })
    const app = bootstrap(Empty, { extensions: [templates(folder)] })
    expect(await render(app)).toBe('one two')
    change(folder, 'b.html', 'three')
    rmSync(join(folder, 'a.html'))
    expect(await render(app)).toBe('one two')
  })

  test('is read again in debug mode, also one that it includes', async () => {
    const [first, folder] = [folderOf({}), folderOf({ 'a.html': 'one {% include "b.html" %}', 'b.html': 'two' })]
    const app = bootstrap(Empty, { debug: true, logger: false, extensions: [templates([first, folder])] })
    expect(await render(app)).toBe('one two')
    expect(await render(app)).toBe('one two')
    change(folder, 'b.html', 'three')
    expect(await render(app)).toBe('one three')
    change(first, 'b.html', 'three')
    change(first, 'a.html', 'nearer')
    expect(await render(app)).toBe('nearer')
  })
})

describe('other engines', () => {
  const folder = folderOf({
    'page.eta': '<%= it.name %> <%= it.url_for("index") %> <%= it.g.a %>',
    'page.njk': '{{ name }} {{ url_for("index") }} {{ g.a }}',
  })

  test('eta', async () => {
    const engine = new Eta({ views: folder })
    const app = appOf({}, { engine })
    const render = () => [
      renderTemplate('./page.eta', { name: '<eta>' }),
      renderTemplateString('<%= it.name %>', { name: '<' }),
    ]
    expect(await testRequestContext(app, '/', render)).toEqual(['&lt;eta&gt; / undefined', '&lt;'])
  })

  test('nunjucks', async () => {
    const engine = new nunjucks.Environment(new nunjucks.FileSystemLoader(folder))
    const app = appOf({}, { engine, globals: { name: 'global' } })
    expect(
      await testRequestContext(app, '/', () => [
        renderTemplate('page.njk'),
        renderTemplateString('{{ name }}', { name: '<' }),
      ]),
    ).toEqual(['global / ', '&lt;'])
  })

  test('one that waits: the view returns its promise', async () => {
    const engine = { render: (name: string, { x }: { x: number }) => Promise.resolve(`${name} ${x}`) }
    class App {
      @Get('/') index() {
        return renderTemplate<Promise<string>>(['a', 'b'], { x: 5 })
      }
    }
    const app = appOf({}, { engine }, {}, App)
    const rendered = recordTemplates(app)
    expect((await testClient(app).get('/')).text).toBe('a 5')
    expect(rendered).toEqual([{ name: 'a', context: { x: 5 } }])
  })

  test('one without renderString', async () => {
    const app = appOf({}, { engine: { render: () => '' } })
    await expect(testRequestContext(app, '/', () => renderTemplateString('a'))).rejects.toThrow(
      'renderTemplateString(): the engine of the option engine has no method renderString(source, context)',
    )
  })
})

test('an application tells which templates it has rendered, with their contexts', async () => {
  const app = appOf({ 'a.html': '{{ x }}{% include "b.html" %}', 'b.html': '' })
  const rendered = recordTemplates(app)
  const events: unknown[] = []
  app.on('templateRendered', (name, context, ctx) => events.push([name, context, ctx?.path]))
  await testRequestContext(app, '/', () => [renderTemplate('a.html', { x: 1 }), renderTemplateString('b')])
  await withAppContext(app, () => renderTemplate('a.html'))
  await expect(testRequestContext(app, '/', () => renderTemplateString('{% if %}'))).rejects.toThrow()
  expect(rendered).toEqual([
    { name: 'a.html', context: { x: 1 } },
    { name: undefined, context: {} },
    { name: 'a.html', context: {} },
  ])
  expect(events).toEqual([
    ['a.html', { x: 1 }, '/'],
    [undefined, {}, '/'],
    ['a.html', {}, undefined],
  ])
})
