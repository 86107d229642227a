import {
  BeforeRequest,
  Blueprint,
  bootstrap,
  ErrorHandler,
  flash,
  g,
  Get,
  Post,
  request,
  session,
  withAppContext,
  type Context,
} from 'flaskoa'
import { renderTemplate, renderTemplateString, templates } from 'flaskoa/templates'
import { testClient } from 'flaskoa/testing'
import { appOf, renderText } from './support'

/** An application that renders a text for each request. */
function client(source: string, values: Record<string, unknown> = {}) {
  class Blog {
    @Get('/') index() {
      return renderTemplateString(source, values)
    }
    @Get('/<int:id>/update') update() {
      return renderTemplateString(source, values)
    }
  }
  Blueprint('/blog', { name: 'blog' })(Blog)
  class App {
    @BeforeRequest() load(ctx: Context) {
      Object.assign(g, { user: ctx.query.user === undefined ? null : { id: 5, username: ctx.query.user } })
    }
    @Get('/login', { endpoint: 'login' }) login() {
      return renderTemplateString(source, values)
    }
    @Post('/login') async post() {
      await request.form()
      return renderTemplateString(source, values)
    }
    @Post('/unread') unread() {
      return renderTemplateString(source, values)
    }
    @Post('/flash') flash() {
      flash('saved <1>')
      flash('failed', 'error')
      Object.assign(session, { user_id: 5 })
      return 'ok'
    }
  }
  return testClient(appOf({}, {}, { blueprints: [Blog] }, App), { propagateExceptions: true })
}

describe('url_for', () => {
  test.each([
    ["{{ url_for('login') }}", '/login'],
    ["{{ urlFor('login') }}", '/login'],
    ["{{ url_for('blog.update', id=3) }}", '/blog/3/update'],
    ["{{ url_for('blog.update', id=3, next='/a b', none=none, missing=missing) }}", '/blog/3/update?next=%2Fa+b'],
    ["{{ url_for('login', _external=true) }}", 'http://localhost/login'],
    ["{{ url_for('login', _external=true, _scheme='https', _anchor='top') }}", 'https://localhost/login#top'],
    ["{{ url_for('login', _method='GET') }}", '/login'],
    ["{{ urlFor('blog.update', {'id': 3}, {'anchor': 'top'}) }}", '/blog/3/update#top'],
    ["<a href=\"{{ url_for('login', a='<', b=['1', '2']) }}\">", '<a href="/login?a=%3C&amp;b=1&amp;b=2">'],
  ])('%s', async (source, expected) => {
    expect((await client(source).get('/login')).text).toBe(expected)
  })

  test('a name that begins with a dot is of the same blueprint', async () => {
    expect((await client("{{ url_for('.update', id=1) }}").get('/blog/')).text).toBe('/blog/1/update')
  })

  test('an unknown endpoint is a BuildError', async () => {
    await expect(client("{{ url_for('nope') }}").get('/login')).rejects.toMatchObject({ name: 'BuildError' })
  })
})

test('g, as the tutorial uses it', async () => {
  const source =
    "{% if g.user %}{{ g.user['username'] }}{% if g.user.id == post['author_id'] %} owns{% endif %}{% else %}Log In{% endif %}{{ g.missing }}{{ 'user' in g }}{{ g.get('x', 'none') }}"
  const values = { post: { author_id: 5 } }
  expect((await client(source, values).get('/login')).text).toBe('Log InTruenone')
  expect((await client(source, values).get('/login', { query: { user: 'Ann' } })).text).toBe('Ann ownsTruenone')
})

test('session and flashed messages', async () => {
  const source = `{{ session.user_id }}{{ session.get('x', '-') }}{% with messages = get_flashed_messages() %}{% if messages %}<ul>{% for message in messages %}<li>{{ message }}</li>{% endfor %}</ul>{% endif %}{% endwith %}`
  const browser = client(source)
  expect((await browser.get('/login')).text).toBe('-')
  await browser.post('/flash')
  expect((await browser.get('/login')).text).toBe('5-<ul><li>saved &lt;1&gt;</li><li>failed</li></ul>')
  expect((await browser.get('/login')).text).toBe('5-')
})

test.each([
  ['get_flashed_messages(with_categories=true)', "[['message', 'saved <1>'], ['error', 'failed']]"],
  ["get_flashed_messages(category_filter=['error'])", "['failed']"],
  ["get_flashed_messages(true, ['error'])", "[['error', 'failed']]"],
  ['get_flashed_messages(with_categories=false, category_filter=[])', "['saved <1>', 'failed']"],
  ["getFlashedMessages({'withCategories': true, 'categoryFilter': ['error']})", "[['error', 'failed']]"],
])('%s', async (call, expected) => {
  const browser = client(
    `{% for category, message in get_flashed_messages(with_categories=true) %}{% endfor %}{{ ${call}|safe }}`,
  )
  await browser.post('/flash')
  expect((await browser.get('/login')).text).toBe(expected)
})

describe('request', () => {
  const field =
    "{{ request.form['title'] or post['title'] }}|{{ request.form.title }}|{{ request.form.get('x', 'none') }}|{{ request.form.getlist('tag')|join }}"

  test('the form that the view has read', async () => {
    const form = { title: 'A "title"', tag: ['1', '2'] }
    const { text } = await client(field, { post: { title: 'old' } }).post('/login', { form })
    expect(text).toBe('A &#34;title&#34;|A &#34;title&#34;|none|12')
  })

  test('without a body there are no fields', async () => {
    for (const method of ['get', 'head'] as const) {
      const { text } = await client(field, { post: { title: 'old' } })[method]('/login')
      expect(text).toBe(method === 'head' ? '' : 'old||none|')
    }
  })

  test('a form that was not read', async () => {
    await expect(client(field).post('/unread', { form: { title: 'x' } })).rejects.toThrow(
      '<template>:1: request.form was not read: call await request.form() in the view, or give the route the option form.',
    )
  })

  test.each([
    ['method', 'GET'],
    ['path', '/blog/3/update'],
    ['full_path', '/blog/3/update?a=1&b=2'],
    ['url', 'http://localhost/blog/3/update?a=1&b=2'],
    ['base_url', 'http://localhost/blog/3/update'],
    ['host', 'localhost'],
    ['scheme', 'http'],
    ['is_secure', 'False'],
    ['endpoint', 'blog.update'],
    ['blueprint', 'blog'],
    ['blueprints', "['blog']"],
    ['url_rule', '/blog/<int:id>/update'],
    ['view_args', "{'id': 3}"],
    ["view_args['id']", '3'],
    ['args.a', '1'],
    ["args.get('a')", '1'],
    ["args.get('z', 'no')", 'no'],
    ["args['z'] is defined", 'False'],
    ['headers.x_y is defined', 'False'],
    ["headers['X-Token']", 'secret'],
    ["headers.get('x-token')", 'secret'],
    ["headers.get('nope')", 'None'],
    ['headers.keys()|select("eq", "x-token")|list', "['x-token']"],
    ['user_agent', 'Browser/1'],
    ['referrer', 'None'],
    ['host_url.startswith("http://") and request.host_url == request.base_url[:-13]', 'True'],
    ['query_string', 'a=1&b=2'],
    ['is_json', 'False'],
    ['mimetype', 'application/problem+json'],
    ['cookies.a', 'one'],
    ["cookies.get('z', 'no')", 'no'],
    ['cookies|list', "['a', 'b']"],
    ['ip is string', 'True'],
    ['remote_addr == request.ip', 'True'],
    ["is('json')", 'None'],
    ["get('X-Token')", 'secret'],
    ['nope is defined', 'False'],
  ])('request.%s', async (expression, expected) => {
    const headers = {
      'X-Token': 'secret',
      'Content-Type': 'application/problem+json',
      'User-Agent': 'Browser/1',
      Cookie: 'a=one; b=two',
    }
    const { text } = await client(`{{ (request.${expression})|string|safe }}`).get('/blog/3/update?a=1&b=2', {
      headers,
    })
    expect(text).toBe(expected)
  })

  // Each value is what Flask 2.2 gives for the same request.
  test.each([
    ["args.getlist('a')", "['1', '3']"],
    ['args.items()|list', "[('a', '1'), ('b', '2')]"],
    ['args.items(multi=true)|list', "[('a', '1'), ('a', '3'), ('b', '2')]"],
    ['args.lists()|list', "[('a', ['1', '3']), ('b', ['2'])]"],
    ['args.to_dict()', "{'a': '1', 'b': '2'}"],
    ['args.to_dict(flat=false)', "{'a': ['1', '3'], 'b': ['2']}"],
    ['args.to_dict(false)', "{'a': ['1', '3'], 'b': ['2']}"],
    ['args.values()|list', "['1', '2']"],
    ['args|length', '2'],
    ['args|list', "['a', 'b']"],
    ['args.page', ''],
    ["args['page']", ''],
    ["values.getlist('a')", "['1', '3']"],
    ['values|length', '2'],
    ['files|length', '0'],
    ['files.nope is defined', 'False'],
    ['url_root', 'http://localhost/'],
    ['root_url', 'http://localhost/'],
    ['host_url', 'http://localhost/'],
    ['base_url', 'http://localhost/blog/3/update'],
    ['blueprint', 'blog'],
    ['url_rule.rule', '/blog/<int:id>/update'],
    ['url_rule.endpoint', 'blog.update'],
    ['user_agent.string', 'Browser/1'],
    ["user_agent.string.startswith('Browser')", 'True'],
    ['content_type', 'None'],
    ['content_length', 'None'],
    ['referrer', 'http://r/'],
    ["view_args.get('id')", '3'],
    ['cookies.to_dict()', "{'a': 'one', 'b': 'two'}"],
  ])('for a GET, as in Flask: request.%s', async (expression, expected) => {
    const headers = { 'User-Agent': 'Browser/1', Referer: 'http://r/', Cookie: 'a=one; b=two' }
    const { text } = await client(`{{ (request.${expression})|string|safe }}`).get('/blog/3/update?a=1&b=2&a=3', {
      headers,
    })
    expect(text).toBe(expected)
  })

  test.each([
    ['form.to_dict()', "{'title': 'T', 'tag': 'x'}"],
    ['form.to_dict(flat=false)', "{'title': ['T'], 'tag': ['x', 'y']}"],
    ['form|length', '2'],
    ['values.q', '1'],
    ["values.getlist('q')", "['1']"],
    ["values.get('title')", 'T'],
    ['values.to_dict()', "{'q': '1', 'title': 'T', 'tag': 'x'}"],
    ['values|length', '3'],
    ['files|length', '1'],
    ["'file' in request.files", 'True'],
    ['files.file', "<FileStorage: 'a.txt' ('text/plain')>"],
    ['files.file.filename', 'a.txt'],
    ["files['file'].mimetype", 'text/plain'],
    ["files.get('file').content_type", 'text/plain'],
    ['files.file.name', 'file'],
    ['files.file.size', '3'],
    ['blueprint', 'None'],
    ['endpoint', 'post'],
  ])('for a form with a file, as in Flask: request.%s', async (expression, expected) => {
    const form = { title: 'T', tag: ['x', 'y'], file: new File(['abc'], 'a.txt', { type: 'text/plain' }) }
    const source = `{{ (${expression.startsWith("'") ? '' : 'request.'}${expression})|string|safe }}`
    expect((await client(source).post('/login?q=1', { form })).text).toBe(expected)
  })

  test('where no route matches, there is neither a rule nor an endpoint', async () => {
    class App {
      @ErrorHandler(404) missing() {
        return renderTemplateString('{{ request.url_rule }} {{ request.endpoint }} {{ request.blueprint }}')
      }
    }
    expect((await testClient(appOf({}, {}, {}, App)).get('/nope')).text).toBe('None None None')
  })

  test('a query cannot be changed', async () => {
    for (const call of ["pop('a')", 'update(a=1)'])
      await expect(client(`{{ request.args.${call} }}`).get('/login?a=1')).rejects.toThrow(
        'MultiDict cannot be changed',
      )
  })

  test('a query is passed on, with another page', async () => {
    const source = "{{ url_for('login', **dict(request.args, page=3)) }} {{ url_for('login', **request.args) }}"
    const { text } = await client(source).get('/login?tag=a&page=2')
    expect(text).toBe('/login?tag=a&amp;page=3 /login?tag=a&amp;page=2')
  })

  test('it exists, and is asked for by name', async () => {
    expect(
      (
        await client(
          "{% if request %}a{% endif %}{{ 'form' in request }}{{ 'path' in request }}{{ 'nope' in request }}",
        ).get('/login')
      ).text,
    ).toBe('aTrueTrueFalse')
    expect(await renderText('{{ request is defined }}')).toBe('True')
  })
})

test('in withAppContext there is no request, and urls are absolute', async () => {
  const app = appOf({}, {}, { baseUrl: 'https://example.com' })
  const text = await withAppContext(app, () => {
    Object.assign(g, { name: 'mail' })
    return renderTemplateString("{{ g.name }} {{ url_for('index') }}")
  })
  expect(text).toBe('mail https://example.com/')
  await expect(withAppContext(app, () => renderTemplateString('{{ request.path }}'))).rejects.toThrow(
    'request was used outside of a request.',
  )
})

test('outside of both', () => {
  expect(() => renderTemplate('a.html')).toThrow('renderTemplate() was used outside of a request.')
  expect(() => renderTemplateString('a')).toThrow('renderTemplateString() was used outside of a request.')
})

test('extensions give names, which those of the option and of the view replace', async () => {
  const config = { name: 'config', templateGlobals: { config: { NAME: 'Flaskr' }, a: 1, b: 1, c: 1 } }
  class App {
    @Get('/') index() {
      return renderTemplateString('{{ config.NAME }}{{ a }}{{ b }}{{ c }}', { c: 3 })
    }
  }
  const extensions = [config, templates({ globals: { b: 2, c: 2 } })]
  const app = bootstrap(App, { root: `${__dirname}/fixtures`, extensions })
  expect((await testClient(app).get('/')).text).toBe('Flaskr123')
})
