import { Markup, renderTemplate } from 'flaskoa/templates'
import { testRequestContext } from 'flaskoa/testing'
import { appOf, renderFiles, renderText } from './support'

const ATTACKS = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</title><svg/onload=alert(1)>',
  '&lt;b&gt;',
  '<!--',
  ']]>',
]

test.each(ATTACKS)('a text cannot leave its place: %s', async attack => {
  const html = await renderText('<p>{{ x }}</p><a title="{{ x }}" class=\'{{ x }}\'></a>', { x: attack })
  const [, text, double, single] = /^<p>(.*)<\/p><a title="(.*)" class='(.*)'><\/a>$/s.exec(html) ?? []
  for (const part of [text, double, single]) {
    expect(part).not.toMatch(/[<>"']/)
    expect(part).toBe(text)
  }
  const back = text
    ?.replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#34;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
  expect(back).toBe(attack)
})

test('the file name decides: HTML, XML and SVG are escaped, others are not', async () => {
  const kinds = ['html', 'htm', 'xml', 'xhtml', 'svg', 'txt', 'js', 'css', 'md', 'HTML']
  const app = appOf(Object.fromEntries(kinds.map(kind => [`a.${kind}`, '{{ x }}'])))
  const rendered = await testRequestContext(app, '/', () => kinds.map(kind => renderTemplate(`a.${kind}`, { x: '<' })))
  expect(Object.fromEntries(kinds.map((kind, index) => [kind, rendered[index]]))).toEqual({
    ...{ html: '&lt;', htm: '&lt;', xml: '&lt;', xhtml: '&lt;', svg: '&lt;' },
    ...{ txt: '<', js: '<', css: '<', md: '<', HTML: '<' },
  })
})

test('a template that is included or extended is escaped by its own name', async () => {
  const files = { 'a.html': '{% include "b.txt" %}{{ x }}', 'b.txt': '{{ x }}' }
  expect(await renderFiles(files, { x: '<' })).toBe('<&lt;')
  const layouts = {
    'a.html': '{% extends "b.txt" %}{% block c %}{{ x }}{% endblock %}',
    'b.txt': '{{ x }}{% block c %}{% endblock %}',
  }
  expect(await renderFiles(layouts, { x: '<' })).toBe('<&lt;')
})

test('JSON in a script and in an attribute', async () => {
  const x = { a: '</script><script>alert("1")</script>', b: "it's & <!--", c: ['\u2028', 1n, new Map([['k', 1]])] }
  const html = await renderText("<script>const x = {{ x|tojson }}</script><p data-x='{{ x|tojson }}'></p>", { x })
  const [, script, attribute] = /<script>const x = (.*)<\/script><p data-x='(.*)'><\/p>/.exec(html) ?? []
  for (const json of [script, attribute]) {
    expect(json).not.toMatch(/[<>&'\u2028]/)
    expect(JSON.parse(json as string)).toEqual({ ...x, c: ['\u2028', 1, { k: 1 }] })
  }
})

test.each([
  ['{{ x|upper }}', '&lt;B&gt;'],
  ['{{ x|default("<i>") }}{{ y|default("<i>") }}', '&lt;b&gt;&lt;i&gt;'],
  ['{{ [x, x]|join("<br>") }}', '&lt;b&gt;&lt;br&gt;&lt;b&gt;'],
  ['{{ [x, x]|join("<br>"|safe) }}', '&lt;b&gt;<br>&lt;b&gt;'],
  ['{{ x ~ "<i>"|safe }}', '&lt;b&gt;<i>'],
  ['{{ {"k": x} }}', '{&#39;k&#39;: &#39;&lt;b&gt;&#39;}'],
  ['{% set y = x %}{{ y }}', '&lt;b&gt;'],
  ['{% set y %}{{ x }}{% endset %}{{ y }}', '&lt;b&gt;'],
  [
    '{% macro m(a) %}<i title="{{ a }}">{% endmacro %}{{ m(x) }}{{ m(x)|upper }}',
    '<i title="&lt;b&gt;"><I TITLE="&LT;B&GT;">',
  ],
  ['{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}{{ x }}{% endcall %}', '&lt;b&gt;'],
  ['{% filter title %}{{ x }}{% endfilter %}', '&lt;b&gt;'],
  ['{{ x|truncate(1, true, "<", 0) }}', '&lt;'],
  ['{{ "%s"|format(x) }}{{ ("<i>%s"|safe)|format(x) }}', '&lt;b&gt;<i>&lt;b&gt;'],
  ['{{ x|replace("b", "<"|safe) }}', '&lt;<&gt;'],
  ['{{ x|e }}{{ x|escape|escape }}', '&lt;b&gt;&lt;b&gt;'],
  ['{{ x|urlize }}', '&lt;b&gt;'],
  ['<p{{ {"title": x}|xmlattr }}>', '<p title="&lt;b&gt;">'],
  ['{{ x|safe }}', '<b>'],
])('%s', async (source, expected) => {
  expect(await renderText(source, { x: '<b>' })).toBe(expected)
})

test('a link to an address that a client has given stays in its attribute', async () => {
  const x = 'http://a.bc/"onclick="alert(1)'
  expect(await renderText('{{ x|urlize }}', { x })).toBe(
    '<a href="http://a.bc/&#34;onclick=&#34;alert(1)" rel="noopener">http://a.bc/&#34;onclick=&#34;alert(1)</a>',
  )
  expect(await renderText('{{ "javascript:alert(1)"|urlize }}')).toBe('javascript:alert(1)')
})

test.each(['a b', 'a/b', 'a>b', 'a=b'])('a key that would end the name of an attribute is refused: %s', async key => {
  await expect(renderText('<p{{ x|xmlattr }}>', { x: { [key]: 1 } })).rejects.toThrow('is no name of an attribute')
})

test('safe texts of JavaScript: Markup, and objects of others with __html__', async () => {
  const field = { __html__: () => '<input>' }
  expect(await renderText('{{ a }}{{ b }}{{ a ~ "<" }}{{ [b]|join }}', { a: new Markup('<b>'), b: field })).toBe(
    '<b><input><b>&lt;<input>',
  )
  const markup = new Markup('<b>')
  expect([String(markup), markup.html, JSON.stringify({ markup }), markup.toUpperCase()]).toEqual([
    '<b>',
    '<b>',
    '{"markup":"<b>"}',
    '<B>',
  ])
})

test('a text in the HTML of a filter: Markup.escape', async () => {
  expect(String(Markup.escape(`<a href="x">'&'`))).toBe('&lt;a href=&#34;x&#34;&gt;&#39;&amp;&#39;')
  expect(
    [Markup.escape(new Markup('<b>')), Markup.escape({ __html__: () => '<input>' }), Markup.escape(5)].map(String),
  ).toEqual(['<b>', '<input>', '5'])
  const filters = { bold: (text: unknown) => new Markup(`<b>${Markup.escape(text)}</b>`) }
  expect(await renderText('{{ "<i>"|bold }}', {}, { filters })).toBe('<b>&lt;i&gt;</b>')
})

test('what a function or a filter returns is escaped, unless it is safe', async () => {
  const filters = {
    bold: (text: unknown) => `<b>${String(text)}</b>`,
    safely: (text: unknown) => new Markup(`<b>${String(text)}</b>`),
  }
  expect(await renderText('{{ "x"|a.b }}', {}, { filters: { 'a.b': filters.bold } })).toBe('&lt;b&gt;x&lt;/b&gt;')
  expect(await renderText('{{ "x"|bold }}{{ "x"|safely }}{{ f() }}', { f: () => '<i>' }, { filters })).toBe(
    '&lt;b&gt;x&lt;/b&gt;<b>x</b>&lt;i&gt;',
  )
})

test.each([
  'x.constructor',
  'x.__proto__',
  'x.toString',
  'x.hasOwnProperty',
  'f.constructor',
  'f.call',
  'f.prototype',
  'l.constructor',
  '"".constructor',
  '(1).constructor',
  'd.constructor',
  'm.constructor',
  'x["constructor"]',
  'x|attr("constructor")',
  'g.constructor',
  'session.constructor',
  'request.__proto__',
  'self.constructor',
  'loop.constructor',
])('a template cannot come to the classes of JavaScript: %s', async expression => {
  const values = { x: {}, f: () => 1, l: [1], d: new Date(0), m: new Map() }
  expect(await renderText(`{% for _ in [1] %}{{ (${expression}) is defined }}{% endfor %}`, values)).toBe('False')
})

test('but to own keys with such names', async () => {
  expect(await renderText('{{ x.constructor }}', { x: { constructor: 'Brunel' } })).toBe('Brunel')
})
