import { join } from 'node:path'
import { abort, bootstrap, ErrorHandler, Get, type HttpError } from 'flaskoa'
import { renderTemplate, renderTemplateString, TemplateError, TemplateNotFound, templates } from 'flaskoa/templates'
import { testClient, testRequestContext } from 'flaskoa/testing'
import { appOf, folderOf, renderFiles, renderText } from './support'

/** The message of the TemplateError that a text has. */
async function mistake(source: string, values: Record<string, unknown> = {}): Promise<string> {
  const error: unknown = await renderText(source, values).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(TemplateError)
  const { message, stack } = error as TemplateError
  expect(stack).toContain(`TemplateError: ${message}`)
  return message.replace('<template>:', '')
}

test.each([
  ['a\n{{ x', '2: {{ has no end: }}'],
  ['{% if x', '1: {% has no end: %}'],
  ['\n{# x', '2: the comment {# has no end: #}'],
  ['{% raw %}x', '1: {% raw %} has no end: {% endraw %}'],
  ['{{ x ? }}', '1: unexpected "?"'],
  ['{{ ) }}', "1: unexpected ')'"],
  ['{{ }}', "1: unexpected '}}'"],
  ['{{ x y }}', "1: expected the end of the tag, not 'y'"],
  ['{% if x %}\n', '1: {% if %} has no end: {% endif %}'],
  ['{% for x in y %}{% if x %}{% endfor %}', '1: {% endfor %} has no beginning'],
  ['{% else %}', '1: {% else %} has no beginning'],
  ['{% elif x %}', '1: {% elif %} has no beginning'],
  ['{% trans %}', "1: there is no tag 'trans'"],
  ['{% constructor %}', "1: there is no tag 'constructor'"],
  ['{% for x of y %}', "1: expected 'in', not 'of'"],
  ['{% block a %}{% endblock %}\n{% block a %}{% endblock %}', "2: there are two blocks 'a'"],
  ['{% block a %}{% block a %}{% endblock %}{% endblock %}', "1: there are two blocks 'a'"],
  ['{% block a %}', '1: {% block a %} has no end: {% endblock %}'],
  ['{% if a %}{% endif a %}', "1: expected the end of the tag, not 'a'"],
  ['{{ f(a=1, 2) }}', '1: an argument without a name is behind one with a name'],
  ['{{ x[] }}', '1: the brackets [] are empty'],
  ['{% call x %}{% endcall %}', '1: {% call %} needs a call: {% call dialog() %}'],
  ['{% include "x" ignore %}', "1: expected 'missing', not '%}'"],
  ['{{ f(', '1: {{ has no end: }}'],
  ['{% macro f(a b) %}', "1: expected ',', not 'b'"],
])('a mistake in the syntax: %s', async (source, message) => {
  expect(await mistake(source)).toBe(message)
})

test.each<[source: string, message: string, values?: Record<string, unknown>]>([
  ['\n{{ post.author.name }}', "2: 'post' is undefined, and has no author"],
  ['{{ post.author.name }}', "1: 'post.author' is undefined, and has no name", { post: {} }],
  ['{{ post["a"]["b"] }}', "1: 'post['a']' is undefined, and has no \"b\"", { post: {} }],
  ['{{ post.author.name.first }}', "1: 'post.author.name' is undefined, and has no first", { post: { author: {} } }],
  ['{{ missing() }}', "1: 'missing' is undefined and cannot be called"],
  ['{{ x.y() }}', '1: \'x.y\' is "text", and no function to be called', { x: { y: 'text' } }],
  ['{{ dict(5) }}', '1: dict() takes a dictionary or pairs, not 5'],
  ['{{ x(**nothing) }}', '1: ** takes a dictionary, not undefined', { x: () => 1 }],
  ['{{ x(**[1]) }}', '1: ** takes a dictionary, not an object of class Array', { x: () => 1 }],
  ['{{ x|uper }}', "1: there is no filter 'uper'. Did you mean 'upper'?"],
  ['{{ x is defind }}', "1: there is no test 'defind'. Did you mean 'defined'?"],
  ['{{ x|constructor }}', "1: there is no filter 'constructor'."],
  ['{{ 1|truncate(1, 2, 3, 4, 5) }}', '1: truncate() takes at most 4 arguments, and got 5'],
  ['{{ 1|upper(1) }}', '1: upper() takes no arguments, and got 1'],
  ['{{ 1|attr(1, 2) }}', '1: attr() takes at most 1 argument, and got 2'],
  ['{{ 1|truncate(size=1) }}', "1: truncate() has no argument 'size': it has length, killwords, end, leeway"],
  ['{{ 1|upper(size=1) }}', "1: upper() has no argument 'size': it has none"],
  ['{{ 1 + "a" }}', '1: 1 + "a": the operator is not for these values'],
  ['{{ missing + 1 }}', "1: 'missing' is undefined"],
  ['{{ 1 - f() }}', "1: 'f()' is undefined", { f: () => undefined }],
  ['{{ 1 - (x if no) }}', "1: 'the value' is undefined"],
  ['{{ 1 / 0 }}', '1: division by zero'],
  ['{{ 1 < "a" }}', '1: 1 and "a" cannot be compared'],
  ['{{ 5|length }}', '1: 5 has no length'],
  ['{{ none|length }}', '1: null has no length'],
  ['{% for x in 5 %}{% endfor %}', '1: 5 cannot be iterated over'],
  [
    '{% for x in p %}{% endfor %}',
    '1: an object of class Promise cannot be iterated over. A template cannot wait: await the value in the view, and pass the result.',
    { p: Promise.resolve([]) },
  ],
  [
    '{{ p }}',
    '1: a promise was printed. A template cannot wait: await the value in the view, and pass the result.',
    { p: Promise.resolve(1) },
  ],
  ['{% for a, b in [[1]] %}{% endfor %}', '1: 1 values cannot be assigned to 2 names'],
  ['{% set x = {} %}{% set x.a = 1 %}', "1: 'x' is no namespace(), so that its attributes cannot be set"],
  ['{{ 5[1:] }}', '1: 5 cannot be sliced'],
  ['{{ [1][::0] }}', '1: the step of a slice must be a number other than 0'],
  ['{{ super() }}', "1: 'super' is undefined and cannot be called"],
  ['{% block a %}{{ super() }}{% endblock %}', '1: super(): no template around this one has a block of this name'],
  [
    '{% block a required %}{% endblock %}',
    "1: the block 'a' is required: a template that extends this one must have it",
  ],
  ['{% macro f(a) %}{% endmacro %}{{ f(1, 2) }}', '1: the macro f got more arguments than it has, or others: it has a'],
  [
    '{% macro f() %}{% endmacro %}{{ f(b=2) }}',
    '1: the macro f got more arguments than it has, or others: it has none',
  ],
  ['{% macro f(a) %}{% endmacro %}{{ f(1, a=2) }}', "1: the macro f got its argument 'a' twice"],
  ['{% for i in [1] %}{{ loop([]) }}{% endfor %}', '1: the loop is not recursive: {% for … recursive %}'],
  ['{{ range(1000000) }}', '1: range() is for at most 100000 numbers'],
  ['{{ range(0, 1, 0) }}', '1: range() is for at most 100000 numbers'],
  ['{{ [1]|map }}', '1: map() needs the name of a filter, or attribute='],
  ['{{ [1]|selectattr }}', '1: selectattr() needs the name of an attribute'],
  ['{{ 1|round(1, "up") }}', "1: round(): the method must be 'common', 'ceil' or 'floor'"],
  ['{{ "x"|abs }}', '1: "x" is not a number'],
  ['{{ f|tojson }}', '1: tojson(): JSON has no such value', { f: () => 1 }],
  ['{{ "%s %s"|format(1) }}', '1: "%s %s" has more places than there are values'],
  ['{{ 5|items }}', '1: items() takes a dictionary, not 5'],
  ['{{ "%q"|format(1) }}', '1: the format %q is not known: %s, %r, %c, %d, %x, %o, %e, %f and %g are'],
  ['{{ "%d"|format("x") }}', '1: "x" is not a number'],
  ['{{ "{}".format() }}', '1: "{}" has a place for value 0, which is not given'],
  ['{{ "{a}".format(b=1) }}', '1: "{a}" has a place for \'a\', which is not given'],
  ['{{ "{:q}".format(1) }}', "1: the format 'q' is not known for such a value"],
  ['{% include 5 %}', '1: the name of a template must be a text'],
])('a mistake while it is rendered: %s', async (source, message, values = {}) => {
  expect(await mistake(source, values)).toBe(message)
})

test('a macro cannot be called by JavaScript', async () => {
  expect(await mistake('{% macro m() %}{% endmacro %}{{ f(m) }}', { f: (m: () => unknown) => m() })).toBe(
    '1: m() can be called in templates only',
  )
})

test('the place is that of the innermost template', async () => {
  const files = {
    'page.html': '{% extends "layout.html" %}\n{% block body %}\n{% include "part.html" %}{% endblock %}',
    'layout.html': '{% block body %}{% endblock %}',
    'part.html': '{% from "macros.html" import field %}\n\n{{ field(none) }}',
    'macros.html': '{% macro field(x) %}\n{{ y.z }}{% endmacro %}',
  }
  await expect(renderFiles(files)).rejects.toThrow("macros.html:2: 'y' is undefined, and has no z")
})

test('a template that includes or extends itself', async () => {
  await expect(renderFiles({ 'a.html': '{% extends "a.html" %}' })).rejects.toThrow(
    'the template a.html extends itself',
  )
  await expect(renderFiles({ 'a.html': '{% extends "b.html" %}', 'b.html': '{% extends "a.html" %}' })).rejects.toThrow(
    'the template a.html extends itself',
  )
  await expect(renderFiles({ 'a.html': '{% include "a.html" %}' })).rejects.toThrow(RangeError)
  await expect(renderFiles({ 'a.html': '{% extends "b.html" %}{% extends "b.html" %}', 'b.html': '' })).rejects.toThrow(
    'a.html:1: a template extends one other template, not two',
  )
})

test('a name that a module does not have', async () => {
  await expect(renderFiles({ 'a.html': '{% from "b.html" import items %}', 'b.html': '' })).rejects.toThrow(
    "a.html:1: the template b.html has no macro or variable 'items' to import",
  )
})

test('brackets that are too deep', async () => {
  await expect(renderText(`{{ ${'('.repeat(20_000)}1${')'.repeat(20_000)} }}`)).rejects.toThrow(
    '<template>:1: the template is nested too deeply',
  )
})

test('there is no such block', async () => {
  expect(await mistake('{{ self.x() }}')).toBe("1: 'self.x' is undefined and cannot be called")
})

describe('a template that does not exist', () => {
  const files = { 'blog/index.html': '', 'blog/update.html': '', 'a.html': '{% include "blog/indx.html" %}' }

  test('is named, with the folders and the nearest one', async () => {
    const folder = folderOf(files)
    const [root, other] = [folderOf({}), folderOf({})]
    const app = appOf({}, { folders: [root, folder, other] })
    const error: unknown = await testRequestContext(app, '/', () => renderTemplate('blog/idex.html')).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(TemplateNotFound)
    expect(error).toBeInstanceOf(TemplateError)
    expect((error as Error).message).toBe(
      `there is no template 'blog/idex.html' in ${root} or ${folder} or ${other}. Did you mean 'blog/index.html'?`,
    )
  })

  test('also one that another template names, with its line', async () => {
    const app = appOf(files)
    await expect(testRequestContext(app, '/', () => renderTemplate('a.html'))).rejects.toThrow(
      /^a.html:1: there is no template 'blog\/indx.html' in .* Did you mean 'blog\/index.html'\?$/,
    )
  })

  test('without a folder', async () => {
    const app = appOf({}, { folders: [] })
    await expect(testRequestContext(app, '/', () => renderTemplate('a.html'))).rejects.toThrow(
      "there is no template 'a.html'. There are no templates at all.",
    )
  })

  test('in an empty folder', async () => {
    await expect(testRequestContext(appOf({}), '/', () => renderTemplate('a.html'))).rejects.toThrow(
      'There are no templates at all.',
    )
  })

  test('in the folder that the process runs in, whose path is not shown', async () => {
    const app = appOf({}, { folders: 'templates' }, { root: __dirname + '/fixtures' })
    await expect(testRequestContext(app, '/', () => renderTemplate('zzz'))).rejects.toThrow(
      "there is no template 'zzz' in test/templates/fixtures/templates.",
    )
  })

  test.each([
    '../secret.html',
    'blog/../../secret.html',
    '/etc/passwd',
    './a.html',
    'blog//index.html',
    'blog\\index.html',
    'a.html\0',
    '',
    '.',
    '..',
    'blog',
    'blog/',
  ])('a name leads out of no folder, and is a file: %j', async name => {
    await expect(testRequestContext(appOf(files), '/', () => renderTemplate(name))).rejects.toThrow(TemplateNotFound)
  })
})

test('what a function throws stays what it is: an HTTP error is an answer', async () => {
  class Odd extends Error {}
  class App {
    @Get('/404') missing() {
      return renderTemplateString('{{ f() }}', { f: () => abort(404, 'gone') })
    }
    @Get('/odd') odd() {
      return renderTemplateString('{{ [1]|map("f")|list }}')
    }
    @Get('/frozen') frozen() {
      return renderTemplateString('{{ f() }}', {
        f: () => {
          throw Object.freeze(new Odd('frozen'))
        },
      })
    }
    @Get('/build') build() {
      return renderTemplateString('{{ url_for("nope") }}')
    }
    @ErrorHandler(Odd) handle(error: Odd) {
      return `handled ${error.message}`
    }
    @ErrorHandler(404) notFound(error: HttpError) {
      return `404 ${error.message}`
    }
  }
  const filters = {
    f: () => {
      throw new Odd('odd')
    },
  }
  const client = testClient(appOf({}, { filters }, {}, App), { propagateExceptions: false })
  expect((await client.get('/404')).text).toBe('404 gone')
  expect((await client.get('/odd')).text).toBe('handled odd')
  expect((await client.get('/frozen')).text).toBe('handled frozen')
  expect((await client.get('/build')).status).toBe(500)
})

test('the log names the line of the template, also for an error of a function that it calls', async () => {
  const lines: string[] = []
  const logger = { error: (_: unknown, message: string) => void lines.push(message) }
  class App {
    @Get('/') index() {
      return renderTemplate('page.html')
    }
    @Get('/mistake') mistake() {
      return renderTemplateString('{{ x.y }}')
    }
  }
  const root = folderOf({ 'page.html': '<ul>\n{{ url_for("nope") }}' })
  const client = testClient(bootstrap(App, { logger, extensions: [templates(root)] }))
  await client.get('/')
  await client.get('/mistake')
  expect(lines).toEqual([
    "Exception on / [GET]: Could not build a URL for the endpoint 'nope': there is no such endpoint, did you mean 'index'? " +
      `(${join(root, 'page.html')}:2)`,
    "Exception on /mistake [GET]: <template>:1: 'x' is undefined, and has no y (<template>:1)",
  ])
})

test('a value that is no Error can be thrown as well', async () => {
  await expect(
    renderText('{{ f() }}', {
      f: () => {
        throw 'a text'
      },
    }),
  ).rejects.toBe('a text')
})
