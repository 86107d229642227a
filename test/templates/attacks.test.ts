import fs from 'node:fs'
import { renderTemplate, renderTemplateString, TemplateNotFound } from 'flaskoa/templates'
import { testRequestContext } from 'flaskoa/testing'
import { appOf, folderOf, renderFiles, renderText } from './support'

const attack = '<script>'
const escaped = '&lt;script&gt;'

/** Values of several kinds whose text is an attack. */
const values = {
  x: attack,
  dictionary: { a: attack },
  instance: { toString: () => attack, [Symbol.toStringTag]: 'x' },
  set: new Set([attack]),
  map: new Map([[attack, 1]]),
}

class Shown {
  toString() {
    return attack
  }
}

test.each([
  ["{{ ('<b>{name}'|safe).format(name=x) }}", `<b>${escaped}`],
  ["{{ ('<b>{}'|safe).format(dictionary) }}", `<b>{&#39;a&#39;: &#39;${escaped}&#39;}`],
  ["{{ ('<b>{0}{1}'|safe).format(shown, [x]) }}", `<b>${escaped}[&#39;${escaped}&#39;]`],
  ["{{ ('<b>{:.3}|{:.1f}|{:>3}'|safe).format('<<<<', 1.25, '<i>'|safe) }}", '<b>&lt;&lt;&lt;|1.2|<i>'],
  ["{{ ('<br>'|safe).join(set) }}", escaped],
  ["{{ ('<br>'|safe).join(map) }}", escaped],
  ["{{ ('<br>'|safe).join([shown, '<i>'|safe, 1, x]) }}", `${escaped}<br><i><br>1<br>${escaped}`],
  ["{{ ('<a>'|safe).replace('a', shown) }}", `<${escaped}>`],
  ["{{ ('<a><a>'|safe).replace('a', shown, 1) }}", `<${escaped}><a>`],
  ["{{ ('<a>'|safe).ljust(4, shown) }}", `<a>${escaped}`],
  ["{{ ('<a>'|safe).rjust(5, '.') }}", '..<a>'],
  ["{{ ('<a>%(a)s'|safe) % dictionary }}", `<a>${escaped}`],
  ["{{ ('<a>%s'|safe) % shown }}", `<a>${escaped}`],
  ["{{ '<a>\n<b>'|safe|indent(x, true) }}", `${escaped}<a>\n${escaped}<b>`],
  ["{{ '<a>\n<b>'|indent('..') }}", '&lt;a&gt;\n..&lt;b&gt;'],
  ['{% call show(x) %}{% endcall %}', escaped],
  ['{% autoescape false %}{% call show(x) %}{% endcall %}{% endautoescape %}', attack],
])('a safe text does not make safe what is put into it: %s', async (source, html) => {
  const show = (text: string) => text
  expect(await renderText(source, { ...values, shown: new Shown(), show })).toBe(html)
})

test('a macro of a template without escaping is escaped where it is called with a body', async () => {
  const files = {
    'page.html': "{% from 'macros.txt' import m %}{% call m(x) %}<i>{% endcall %}",
    'macros.txt': '{% macro m(x) %}{{ x }}{{ caller() }}{% endmacro %}',
  }
  expect(await renderFiles(files, { x: attack })).toBe(`${escaped}&lt;i&gt;`)
})

test.each([
  ["{{ '&toString; &constructor; &amp;'|striptags }}", '&amp;toString; &amp;constructor; &amp;'],
  ["{{ request.headers.constructor }}{{ request.headers.get('__proto__') }}{{ request.headers['toString'] }}", 'None'],
  ["{{ 'constructor' in request.headers }}", 'False'],
])('what every object inherits is not reached: %s', async (source, text) => {
  expect(await renderText(source)).toBe(text)
})

test.each(["{{ '%(constructor)s' % {} }}", "{{ '%(a)s'|format(b=1) }}", "{{ '%(a)s' % 1 }}"])(
  'a place of a format has a value of its own: %s',
  async source => {
    await expect(renderText(source)).rejects.toThrow(/"%\(\w+\)s" has a place %\(\w+\) for which there is no value/)
  },
)

test('a dictionary of any kind has values for a format', async () => {
  expect(await renderText("{{ '%(a)s' % map }}", { map: new Map([['a', 1]]) })).toBe('1')
})

test('an attribute of a namespace has any name, and changes no prototype', async () => {
  const source =
    '{% set n = namespace(__proto__=d) %}{% set n.b = 1 %}{{ n.a }}{{ n.b }}{% set n.__proto__ = d %}{{ n.a }}'
  expect(await renderText(source, { d: { a: 2 } })).toBe('1')
})

test.each(['{{ load() }}', '{% if load() %}yes{% endif %}', '{% set x = load() %}', '{{ x|loading }}'])(
  'a function that returns a promise is named, and its error does not end the process: %s',
  async source => {
    const load = () => Promise.reject(new Error('no database'))
    const rejected: unknown[] = []
    const listen = (error: unknown) => rejected.push(error)
    process.on('unhandledRejection', listen)
    const rendered = renderText(source, { load }, { filters: { loading: load } })
    await expect(rendered).rejects.toThrow(/^<template>:1: load(?:ing)?\(\) returned a promise.*await/)
    await new Promise(setImmediate)
    process.off('unhandledRejection', listen)
    expect(rejected).toEqual([])
  },
)

test('a promise is no condition', async () => {
  const rendered = renderText('{% if isAdmin %}secret{% endif %}', { isAdmin: Promise.resolve(false) })
  await expect(rendered).rejects.toThrow(/a promise was used as a condition/)
})

test('values that contain themselves are printed as in Python', async () => {
  const list: unknown[] = [1]
  list.push(list, { list })
  const map = new Map<string, unknown>()
  map.set('a', map)
  expect(await renderText('{{ list|safe }} {{ map|safe }} {{ [list, list]|safe }}', { list, map })).toBe(
    "[1, [...], {'list': [...]}] {'a': {...}} [[1, [...], {'list': [...]}], [1, [...], {'list': [...]}]]",
  )
})

test.each([
  ['itself.html', '{% include "itself.html" %}'],
  ['macro.html', '{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}'],
  ['block.html', '{% block a %}{{ self.a() }}{% endblock %}'],
])('a template that never ends is named: %s', async (name, source) => {
  await expect(renderFiles({ [name]: source })).rejects.toThrow(
    new RegExp(`^${name}:1: Maximum call stack size exceeded: is the template nested too deeply, or does it`),
  )
})

test.each([
  '{{ ' + '('.repeat(20_000) + ')'.repeat(20_000) + ' }}',
  '{{ ' + '-'.repeat(20_000) + '1 }}',
  '{% if x %}'.repeat(20_000),
])('a template that is nested too deeply is refused with its name', async source => {
  await expect(renderFiles({ 'deep.html': source })).rejects.toThrow(/^deep\.html:1: .*nested too deeply/)
})

test.each(['x'.repeat(300), `${'a/'.repeat(5000)}b`, 'a.html/b'])(
  'a name that no file can have is not found',
  async name => {
    const app = appOf({ 'a.html': 'a' })
    await testRequestContext(app, '/', () => {
      expect(() => renderTemplate(name)).toThrow(TemplateNotFound)
      expect(renderTemplate([name, 'a.html'])).toBe('a')
      expect(renderTemplateString('{% include [name, "a.html"] %}{% include name ignore missing %}', { name })).toBe(
        'a',
      )
    })
  },
)

test('a long format takes a time that grows with its length only', async () => {
  const source = `{{ text % 1 }}`
  for (const text of [`%${'0'.repeat(200_000)}`, '%('.repeat(100_000), `%.${'0'.repeat(200_000)}`])
    await expect(renderText(source, { text })).rejects.toThrow('has a % without a letter')
})

test('a template that may be missing costs no search for a similar name', async () => {
  const folder = folderOf({
    'a.html': '{% include ["none.html", "b.html"] %}{% include "none.html" ignore missing %}',
    'b.html': 'b',
  })
  const app = appOf({}, { folders: folder })
  const read = jest.spyOn(fs, 'readdirSync')
  await testRequestContext(app, '/', () => {
    expect(renderTemplate(['none.html', 'a.html'])).toBe('b')
    expect(read).not.toHaveBeenCalled()
    expect(() => renderTemplate('none.html')).toThrow(TemplateNotFound)
    expect(read).toHaveBeenCalledTimes(1)
  })
})
