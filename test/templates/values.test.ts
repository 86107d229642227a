import { MultiDict } from 'flaskoa'
import { renderText } from './support'

class Account {
  readonly owner = { name: 'Ann' }
  #balance = 5
  get balance() {
    return this.#balance
  }
  add(amount: number, options: { times?: number } = {}) {
    return this.#balance + amount * (options.times ?? 1)
  }
}

class Titled {
  toString() {
    return 'a title'
  }
}

const created = new Date(Date.UTC(2018, 0, 9, 4, 5, 6))

test.each<[source: string, values: Record<string, unknown>, expected: string]>([
  // A property that is there and undefined is None, which has nothing and is no mistake.
  ['[{{ x.user.id }}{{ x["user"]["id"] }}{{ x.user["id"] == 5 }}]', { x: { user: undefined } }, '[False]'],
  ['[{{ x.user.id }}{{ x["user"]["id"] }}]', { x: new Map([['user', undefined]]) }, '[]'],
  // Objects of classes: getters and methods, on their object.
  [
    '{{ x.owner.name }} {{ x.balance }} {{ x.add(2) }} {{ x.add(2, times=3) }} {{ x["balance"] }}',
    { x: new Account() },
    'Ann 5 7 11 5',
  ],
  [
    '{{ x }} {{ y }} {{ [x] }}',
    { x: new Account(), y: new Titled() },
    '&lt;an object of class Account&gt; a title [&lt;an object of class Account&gt;]',
  ],
  [
    '{{ x.hello("b") }}',
    {
      x: {
        name: 'a',
        hello(this: { name: string }, other: string) {
          return this.name + other
        },
      },
    },
    'ab',
  ],
  [
    '{{ f }} {{ g }}',
    {
      f: function named() {},
      g: (
        () => () =>
          1
      )(),
    },
    '&lt;function named&gt; &lt;function anonymous&gt;',
  ],
  // Methods of JavaScript, where Python has none of that name.
  [
    '{{ "abc".padStart(5, "-") }} {{ "abc".length }} {{ l.length }} {{ l.includes(2) }} {{ 1.5.toFixed(2) }}',
    { l: [1, 2] },
    '--abc 3 2 True 1.50',
  ],
  // Maps, sets, parameters.
  [
    '{{ m.a }} {{ m["b c"] }} {{ m.get("z", "no") }} {{ m|length }} {{ "a" in m }} {% for k, v in m.items() %}{{ k }}{{ v }},{% endfor %}{{ m }}',
    {
      m: new Map<string, unknown>([
        ['a', 1],
        ['b c', null],
      ]),
    },
    '1 None no 2 True a1,b cNone,{&#39;a&#39;: 1, &#39;b c&#39;: None}',
  ],
  [
    '{{ s|sort|join }} {{ 1 in s }} {{ 9 in s }} {{ s }} {{ s|length }}{% if not e %}empty{% endif %}',
    { s: new Set([2, 1]), e: new Set() },
    '12 True False {2, 1} 2empty',
  ],
  [
    '{{ q.a }} {{ q["a"] }} {{ q.getlist("a") }} {{ q.getlist("z") }} {{ q.get("z") }} {{ q.keys()|join }} {{ q.z is defined }}{% if q %}some{% endif %}{{ q.values()|join }}',
    {
      q: new MultiDict([
        ['a', '1'],
        ['a', '2'],
      ]),
    },
    '1 1 [&#39;1&#39;, &#39;2&#39;] [] None a Falsesome1',
  ],
  [
    '{{ q.a }}{{ q.getlist("a") }}{{ q.getlist("z") }}{% for k in q %}{{ k }}{% endfor %}{% if e %}x{% endif %}',
    { q: new URLSearchParams('a=1'), e: new Headers() },
    '1[&#39;1&#39;][]a',
  ],
  ['{{ m.getlist("a") }} {{ m.getlist("z") }}', { m: new Map([['a', 1]]) }, '[1] []'],
  // What is passed by ** is a dictionary of any kind.
  [
    '{{ f(**q) }} {{ f(**m) }} {{ f(**x) }} {{ f(b=1, **q) }}',
    {
      f: (named: object) => JSON.stringify(named).replaceAll('"', ''),
      q: new MultiDict([
        ['a', '1'],
        ['a', '2'],
      ]),
      m: new Map([[5, 6]]),
      x: { y: 2 },
    },
    '{a:1} {5:6} {y:2} {b:1,a:1}',
  ],
  [
    '{{ dict(m, y=1) }} {{ dict(l) }} {{ dict() }} {{ dict(q) }}{% set n = namespace(m) %}{{ n.x }}',
    { m: new Map([['x', 0]]), l: [['z', 2], 'ab'], q: { r: 3 } },
    "{'x': 0, 'y': 1} {'z': 2, 'a': 'b'} {} {'r': 3}0".replaceAll("'", '&#39;'),
  ],
  // Lists are sorted as in Python.
  [
    '{{ l.sort() }}{{ l }}{{ l.sort(reverse=true) }}{{ l }}{{ l.reverse() }}{{ l }}',
    { l: [10, 9, 1] },
    'None[1, 9, 10]None[10, 9, 1]None[1, 9, 10]',
  ],
  // A default that is undefined is not None.
  [
    '[{{ m.get("z", nothing) }}] [{{ m.get("z", none) }}] [{{ x.get("z", x.y) }}]',
    { m: new Map(), x: {} },
    '[] [None] []',
  ],
  // Keys win over the methods of dictionaries; a key that is a list is one.
  ['{{ x.items }} {{ x["items"] }} {{ y.items()|list }}', { x: { items: 3 }, y: { a: 1 } }, '3 3 [(&#39;a&#39;, 1)]'],
  // Dates are in UTC.
  [
    "{{ d.strftime('%Y-%m-%d') }} {{ d }} {{ d.isoformat() }} {{ d.isoformat(' ') }} {{ [d] }}",
    { d: created },
    '2018-01-09 2018-01-09 04:05:06 2018-01-09T04:05:06 2018-01-09 04:05:06 [2018-01-09 04:05:06]',
  ],
  [
    "{{ d.strftime('%a %A %b %B %c|%D %e %f %F %I %j %M %p %S %T %w %x %X %y %z%Z%% %-d %-I %q') }}",
    { d: created },
    'Tue Tuesday Jan January Tue Jan  9 04:05:06 2018|01/09/18  9 000000 2018-01-09 04 009 05 AM 06 04:05:06 2 01/09/18 04:05:06 18 % 9 4 %q',
  ],
  [
    "{{ d.strftime('%I %p') }} {{ d }} {{ e }}",
    { d: new Date(Date.UTC(2020, 1, 1, 12, 0, 0, 5)), e: new Date(NaN) },
    '12 PM 2020-02-01 12:00:00.005000 Invalid Date',
  ],
  [
    '{{ a == b }} {{ a < c }} {{ a.getUTCFullYear() }} {{ [c, a]|sort|first }}',
    { a: created, b: new Date(created), c: new Date(created.getTime() + 1) },
    'True True 2018 2018-01-09 04:05:06',
  ],
  // Numbers.
  [
    '{{ a }} {{ a + 1 }} {{ a + b }} {{ a == 1 }} {{ a < 2 }} {{ -a }} {{ a|abs }} {{ a is integer }} {{ a // 2 }} {{ a * b }} {{ b - a }} {{ a is number }} {{ [a]|sum }}',
    { a: 1n, b: 2n },
    '1 2 3 True True -1 1 True 0 2 1 True 1',
  ],
  ['{{ a }} {{ b }} {{ c }}', { a: Infinity, b: -Infinity, c: NaN }, 'inf -inf nan'],
  ['{{ "%d"|format(a) }} {{ yes + 1 }} {{ yes|abs }}', { a: 5n, yes: true }, '5 2 1'],
  // Nothing.
  [
    '{{ a }}|{{ b }}|{{ b.c }}|{{ b == none }}|{{ a is defined }}|{{ [a, b] }}|{{ s }}',
    { a: undefined, b: null, s: Symbol('s') },
    '|None||True|False|[Undefined, None]|Symbol(s)',
  ],
  ['{{ x[k] is defined }}', { x: { a: 1 }, k: Symbol('a') }, 'False'],
  // Iterables.
  [
    '{% for i in f() %}{{ i }}{% endfor %}{{ f()|list }}',
    {
      *f() {
        yield 1
        yield 2
      },
    },
    '12[1, 2]',
  ],
  // Equality of lists and dictionaries.
  [
    '{{ [{"a": [1]}] == x }} {{ x == [1, 2] }} {{ {"b": 1} == x[0] }} {{ x.index({"a": [1]}) }}',
    { x: [{ a: [1] }] },
    'True False False 0',
  ],
])('%s', async (source, values, expected) => {
  expect(await renderText(source, values)).toBe(expected)
})

test('every item of a group has its key and its list', async () => {
  const posts = [{ day: 'Mon', id: 1 }, { day: 'mon', id: 2 }, { id: 3 }]
  const source =
    "{% for day, list in posts|groupby('day', default='') %}{{ day }}:{{ list|map(attribute='id')|join }} {% endfor %}"
  expect(await renderText(source, { posts })).toBe(':3 Mon:12 ')
  expect(await renderText(source.replace("default=''", "default='', case_sensitive=true"), { posts })).toBe(
    ':3 Mon:1 mon:2 ',
  )
})

test('a reference to a character that does not exist stays', async () => {
  expect(await renderText('{{ x|striptags }}', { x: '&#9999999;&#x42;' })).toBe('&amp;#9999999;B')
})

test('random gives one of the items', async () => {
  expect(['1', '2']).toContain(await renderText('{{ [1, 2]|random }}'))
})
