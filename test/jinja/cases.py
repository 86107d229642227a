"""What Jinja itself makes of templates: writes cases.json, which cases.test.ts compares with.
Most cases are in this file; lines.txt has one on each line.

Run after a change of the cases: python3 test/jinja/cases.py (needs jinja2).
"""
import copy
import json
import pathlib

from jinja2 import DictLoader, Environment

ITEMS = [{'name': 'Ann', 'age': 31, 'tags': ['a', 'b']}, {'name': 'bob', 'age': 7, 'tags': []}, {'name': 'Cy', 'age': 31, 'tags': ['c']}]
VALUES = {
    'name': 'World', 'empty': '', 'zero': 0, 'none': None, 'yes': True, 'no': False, 'pi': 3.14159, 'n': 42, 'neg': -7,
    'html': '<b class="x">Tom & \'Jerry\'</b>', 'list': [1, 2, 3], 'nothing': [], 'dict': {'a': 1, 'b': 2}, 'nodict': {},
    'items': ITEMS, 'words': 'the quick brown fox jumps over the lazy dog', 'lines': 'one\ntwo\n\nthree',
    'nested': {'x': {'y': [10, 20, {'z': 'deep'}]}}, 'url': 'http://example.com/?a=1&b=<2>', 'mixed': ['b', 'A', 'c', 'a'],
    'tree': [{'title': 'one', 'children': [{'title': 'one.one', 'children': []}]}, {'title': 'two', 'children': []}],
    'text': 'Hello',
}

# Each is the source of a template, rendered with VALUES, escaped like a file .html.
SOURCES = [
    # Text, whitespace, comments, raw
    'plain', '', '\n', 'a\n', 'a\n\n', '{# no #}a{# b\nc #}', 'a {#- x -#} b', ' {{- name -}} ', 'a\n  {%- if yes -%}\n b \n{%- endif -%}\n c',
    '{% raw %}{{ x }}{% y %}{% endraw %}', 'a {%- raw -%} {{ x }} {%- endraw -%} b', '{{ "}}" }}{{ \'%}\' }}', '{{ {"a": {"b": 1}}["a"]["b"] }}',
    'a\r\nb\rc', '{%+ if yes +%}x{%+ endif +%}', '{{name}}{{ name }}',
    # Values
    '{{ name }}', '{{ missing }}', '{{ none }}', '{{ yes }} {{ no }}', '{{ n }} {{ pi }} {{ neg }}', '{{ list }}', '{{ dict }}', '{{ items[0].tags }}',
    '{{ "it\'s" }}', '{{ ["it\'s", \'a"b\', "a\\nb", \'q"\\\'\'] }}', '{{ [none, true, 1.5, "x", [], {}] }}', '{{ (1, 2)|list }}', '{{ () |list }}', '{{ [1, 2,] }}',
    '{{ "a" "b" }}', "{{ 'tab\\tnew\\nline\\x41\\u00e9\\q' }}", '{{ 1_000 }} {{ 1e3|int }} {{ 0.5 }}', '{{ true }} {{ True }} {{ None }} {{ false or False }}',
    # Attributes and items
    '{{ nested.x.y[2].z }}', "{{ nested['x']['y'][0] }}", '{{ nested.x.y.1 }}', '{{ list[-1] }}', '{{ list[0] }}', '{{ list[9] }}', '{{ name[0] }}{{ name[-1] }}',
    '{{ dict.missing }}', '{{ none.x }}', '{{ list[1:] }} {{ list[:-1] }} {{ list[::2] }} {{ list[::-1] }} {{ name[1:3] }} {{ name[::-1] }} {{ list[5:] }} {{ list[-2:] }} {{ list[2:0:-1] }} {{ name[:none] }}',
    '{{ items[1]["name"] }}', '{{ nested["x"].y|length }}', "{{ dict['a'] + dict.b }}",
    # Operators
    '{{ 1 + 2 * 3 - 4 }}', '{{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 2 ** 3 }} {{ 7 / 2 }}', '{{ 2 ** 3 ** 1 }}', '{{ -n }} {{ +n }} {{ -n|abs }}', '{{ (1 + 2) * 3 }}',
    '{{ "a" + "b" }} {{ "ab" * 3 }} {{ [1] + [2] }}', '{{ "a" ~ 1 ~ none ~ missing }}', '{{ name ~ html }}', '{{ "%s is %d years, %.2f" % (name, 5, 1.5) }}', "{{ '%(a)s-%(b)05d' % {'a': 1, 'b': 42} }}", "{{ '%5s|%-5s|%x|%r|%%|%+d' % ('a', 'b', 255, 'c', 3) }}",
    "{{ '<%s>' % html }}", '{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 1 == 1.0 }} {{ "a" != "b" }} {{ 2 >= 2 }} {{ 2 <= 1 }} {{ "a" < "b" }} {{ [1, 2] < [1, 3] }} {{ [1] < [1, 0] }} {{ [2] > [1, 9] }} {{ [1] <= [1] }}',
    '{{ list == [1, 2, 3] }} {{ dict == {"b": 2, "a": 1} }} {{ none == none }} {{ missing == none }} {{ yes == 1 }} {{ list == [1, 2] }} {{ dict == {"a": 1} }} {{ dict == {"a": 1, "c": 2} }} {{ list == 1 }} {{ 1 == "1" }}',
    '{{ 1 in list }} {{ 9 not in list }} {{ "or" in name }} {{ "a" in dict }} {{ "z" in dict }} {{ [1] in [[1]] }} {{ "x" in missing }}',
    '{{ yes and name }} {{ no or name }} {{ not yes }} {{ not no and yes }} {{ zero or "none" }} {{ empty or nothing or nodict or "last" }}', '{{ not not name }}',
    '{{ "yes" if yes else "no" }} {{ "yes" if no else "no" }} [{{ "yes" if no }}] {{ 1 if no else 2 if no else 3 }}',
    '{{ dict[0] is defined }} {{ no and name }} {{ "%.3s|%f" % ("abcdef", 1.5) }} {{ ("a"|safe) < "b" }} {{ ("a"|safe) == "a" }} {{ [1, 0] > [1] }} {{ ("%s%s"|safe) % (1, "<") }}',
    '{{ "a" if ""|safe else "b" }}{{ "a" if "x"|safe }} {{ 5 is sequence }} {{ dict is sequence }} {{ "   "|trim }}| {{ ""|wordcount }} {{ 1.5|float }} {{ items|map(attribute="x.y", default="?")|join }}',
    '{% set l = [] %}{% do l.append(1) %}{{ l }}{% set j = joiner() %}{{ j() }}{{ j() }}{% set c = cycler("a") %}{{ c|attr("next")() }}',
    '{{ "&#65;&#x42;&nope;&lt;<b>c"|striptags }} {{ "a < b"|striptags }} {{ "a <!-- b"|striptags }} {{ "<<b>>x"|striptags }} {{ "a <!-- > --> b"|striptags }}',
    '{% autoescape false %}{{ "http://a.bc"|urlize }}{{ list|join(",") }}{% macro f() %}<{% endmacro %}{{ f() }}{{ f() is escaped }}{{ [html, html|safe]|join }}{% endautoescape %}',
    '{{ ("-"|safe).center(5) }} {{ ("-"|safe).replace("-", "<i>"|safe) }} {{ "  x "|safe|trim }} {{ "http://a.bc/x.?!"|urlize }} {{ "(http://a.bc)"|urlize }}',
    '{{ words|center(60)|wordwrap(12) }}|{{ "well-known twenty-two-year-old a-b 1-2"|wordwrap(8) }}|{{ "aaa-bbbbbbb"|wordwrap(5) }}|{{ "---------"|wordwrap(4) }}|{{ "  "|wordwrap(4) }}|{{ "aaaa bbbb   cc"|wordwrap(9) }}|{{ "aaaaaaaaaa bb-cc"|wordwrap(3, false) }}|{{ "ab  cdefghij"|wordwrap(5) }}',
    '{{ "1-a"|int }} {{ " 12 "|int }} {{ "1.5x"|float(0.25) }} {{ ""|int(7) }} {{ none|float(0.5) }} {{ true is number }} {{ true is integer }} {{ missing is sequence }} {{ ""|center(9)|wordwrap(6) }}|{{ "World"|center(9)|wordwrap(6) }}|{{ "ab cd efghijk"|wordwrap(3) }} {{ "aa-1111111"|wordwrap(5) }} {{ missing is lower }}',
    # Statements
    '{% if yes %}a{% endif %}{% if no %}b{% elif zero %}c{% elif n == 42 %}d{% else %}e{% endif %}{% if no %}f{% else %}g{% endif %}{% if no %}h{% endif %}',
    '{% if nothing %}a{% else %}b{% endif %}{% if nodict %}a{% else %}b{% endif %}{% if missing %}a{% else %}b{% endif %}{% if list %}a{% endif %}{% if dict %}a{% endif %}{% if none %}x{% endif %}',
    '{% for i in list %}{{ i }}{% if not loop.last %}, {% endif %}{% endfor %}', '{% for i in nothing %}x{% else %}none{% endfor %}', '{% for i in missing %}x{% endfor %}',
    '{% for i in list %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.depth0 }} {% endfor %}',
    '{% for i in list %}{{ loop.previtem }}<{{ i }}>{{ loop.nextitem }} {% endfor %}', "{% for i in list %}{{ loop.cycle('odd', 'even') }} {% endfor %}", '{% for i in items %}{% if loop.changed(i.age) %}{{ i.age }}{% endif %}{{ i.name }} {% endfor %}',
    '{% for i in list if i is odd %}{{ loop.index }}:{{ i }} {% endfor %}', '{% for k, v in dict.items() %}{{ k }}={{ v }} {% endfor %}', '{% for k in dict %}{{ k }}{% endfor %}', '{% for a, (b, c) in [[1, [2, 3]]] %}{{ a }}{{ b }}{{ c }}{% endfor %}',
    '{% for c in name %}{{ c }}.{% endfor %}', '{% for i in range(3) %}{{ i }}{% endfor %}{% for i in range(1, 10, 4) %}{{ i }}{% endfor %}{% for i in range(3, 0, -1) %}{{ i }}{% endfor %}{{ range(5, 1)|list }}',
    '{% for x in tree recursive %}[{{ loop.depth }}{{ x.title }}{{ loop(x.children) }}]{% endfor %}', '{% for i in list %}{% for j in list %}{{ loop.index }}{% endfor %}{{ loop.index }} {% endfor %}',
    '{% set x = 1 %}{% for i in list %}{% set x = i %}{% endfor %}{{ x }}', '{% if yes %}{% set x = 5 %}{% endif %}{{ x }}', '{% set a, b = 1, 2 %}{{ a }}{{ b }}', '{% set x %}<b>{{ html }}</b>{% endset %}{{ x }}', '{% set x | upper %}a{{ name }}{% endset %}{{ x }}',
    '{% set ns = namespace(n=0) %}{% for i in list %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}', '{% set ns = namespace({"a": 1}, b=2) %}{{ ns.a }}{{ ns.b }}', '{% set x = 1, 2 %}{{ x|list }}',
    '{% with a = 1, b = 2 %}{{ a }}{{ b }}{% endwith %}{{ a }}', '{% with %}{% set z = 1 %}{{ z }}{% endwith %}{{ z }}', '{% with messages = list %}{% if messages %}{{ messages|join }}{% endif %}{% endwith %}',
    '{% filter upper %}a {{ html }} b{% endfilter %}', '{% filter replace("a", "b")|trim %} a {% endfilter %}', '{% autoescape false %}{{ html }}{% endautoescape %}{{ html }}', '{% autoescape true %}{{ html }}{% endautoescape %}',
    '{% macro f(a, b=2, c=a) %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ f(1) }} {{ f(1, 3) }} {{ f(a=5, c=9) }} {{ f() }} {{ f(html) }}', '{% macro f() %}{{ varargs|list }}{{ kwargs }}{% endmacro %}{{ f(1, 2, x=3) }}', '{% macro f() %}<i>{{ caller() }}</i>{% endmacro %}{% call f() %}{{ name }}<b>{% endcall %}',
    '{% macro f(items) %}{% for i in items %}{{ caller(i, loop.index) }}{% endfor %}{% endmacro %}{% call(item, n=0) f(list) %}{{ item }}-{{ n }} {% endcall %}', '{% macro f(x) %}{% if x > 0 %}{{ x }}{{ f(x - 1) }}{% endif %}{% endmacro %}{{ f(3) }}', '{% macro f(x) %}{{ x }}{% endmacro %}{{ f(*[1]) }}{{ f(**{"x": 2}) }}',
    '{% macro f() %}{{ caller is defined }}{% endmacro %}{{ f() }}', '{% set c = cycler("a", "b") %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.reset() or "" }}{{ c.next() }}', '{% set j = joiner("|") %}{% for i in list %}{{ j() }}{{ i }}{% endfor %}',
    # Escaping
    '{{ html }}', '{{ html|safe }}', '{{ html|escape }}', '{{ html|e|e }}', '{{ html|forceescape }}', '{{ html|safe|escape }}', '{{ html|safe|forceescape }}', '<a href="{{ url }}" title=\'{{ html }}\'>', '{{ "<x>" }}', '{{ html|safe ~ html }}', '{{ "<x>"|safe + "<y>" }}', '{{ ["<a>"|safe, "<b>"]|join("<br>") }}', '{{ ["<a>", "<b>"]|join("<br>"|safe) }}', '{{ ["<a>", "<b>"]|join(", ") }}',
    "{{ '<i>%s</i>'|safe|format(html) }}", "{{ '<i>%s</i>'|format(html) }}", '{{ "<b>"|safe|upper }}{{ "<B>"|safe|lower }}{{ "<b>x"|safe|capitalize }}', '{{ "<b>"|safe|replace("b", "<c>") }}', '{{ "<b>"|replace("b", "c"|safe) }}', '{{ "<b>"|safe|string }}{{ 5|string }}{{ "<b>"|string }}', '{{ html is escaped }} {{ (html|safe) is escaped }}', '{{ ("<b>"|safe)[1] }}{{ ("<b>"|safe)[:1] }}', '{{ ("<b>"|safe) * 2 }}', '{{ ["<b>"|safe] }}', "{{ ('<%s>'|safe) % html }}{{ ('%d'|safe) % 5 }}",
    # Filters
    '{{ name|upper }} {{ name|lower }} {{ "hELLO wORLD"|capitalize }} {{ "hello wORLD-foo (bar"|title }} {{ n|upper }} {{ missing|upper }}', '{{ missing|default("x") }} {{ empty|default("x") }} {{ empty|default("x", true) }} {{ none|default("x") }} {{ empty|d("y", boolean=true) }} {{ missing|default }}', '{{ list|length }} {{ name|count }} {{ dict|length }} {{ missing|length }}', '{{ list|join(", ") }} {{ items|join("-", attribute="name") }} {{ list|join }}', '{{ list|first }} {{ list|last }} {{ nothing|first }} {{ list|sum }} {{ items|sum(attribute="age") }} {{ list|sum(start=10) }}',
    '{{ mixed|sort|join }} {{ mixed|sort(case_sensitive=true)|join }} {{ mixed|sort(reverse=true)|join }} {{ items|sort(attribute="age,name")|map(attribute="name")|join }} {{ items|sort(attribute="age", reverse=true)|map(attribute="name")|join }}', '{{ list|reverse|join }} {{ name|reverse }}', '{{ mixed|unique|join }} {{ items|unique(attribute="age")|map(attribute="name")|join }} {{ mixed|unique(true)|join }}', '{{ list|max }} {{ list|min }} {{ mixed|min }} {{ mixed|max(true) }} {{ (items|max(attribute="age")).name }} {{ nothing|max }}',
    '{{ items|map(attribute="name")|list }} {{ mixed|map("upper")|join }} {{ items|map(attribute="x", default="?")|join }} {{ items|map(attribute="tags.0")|join("|") }} {{ mixed|map("replace", "a", "z")|join }}', '{{ list|select("odd")|join }} {{ list|reject("odd")|join }} {{ list|select|join }} {{ [0, 1]|reject|join }} {{ list|select("gt", 1)|join }}', '{{ items|selectattr("age", "equalto", 31)|map(attribute="name")|join }} {{ items|rejectattr("tags")|map(attribute="name")|join }} {{ items|selectattr("tags")|map(attribute="name")|join }}', '{% for k, v in dict|dictsort %}{{ k }}{{ v }}{% endfor %}{% for k, v in dict|dictsort(by="value", reverse=true) %}{{ k }}{{ v }}{% endfor %}{% for k, v in dict|items %}{{ k }}{{ v }}{% endfor %}{{ missing|items|list }}',
    '{% for age, list in items|groupby("age") %}{{ age }}:{% for i in list %}{{ i.name }}{% endfor %} {% endfor %}{% for g in items|groupby("age") %}{{ g.grouper }}{{ g.list|length }}{% endfor %}', '{{ list|batch(2)|list }} {{ list|batch(2, "x")|list }} {{ list|slice(2)|list }} {{ list|slice(2, "x")|list }} {{ [1, 2, 3, 4]|slice(2, "x")|list }}', '{{ -5|abs }} {{ "3.7"|int }} {{ "x"|int }} {{ "x"|int(7) }} {{ "0x1f"|int(base=16) }} {{ "ff"|int(base=16) }} {{ 3.99|int }} {{ "1.5"|float }} {{ "x"|float(0.5) }} {{ none|int }} {{ true|int }}', '{{ 2.567|round(1) }} {{ 2.1|round(0, "ceil")|int }} {{ 2.9|round(method="floor")|int }} {{ 2.5|round|int }} {{ 3.5|round|int }} {{ 42.55|round|int }}',
    '{{ words|truncate(20) }} {{ words|truncate(20, true) }} {{ words|truncate(20, false, "!") }} {{ "short"|truncate(20) }} {{ words|truncate(11, leeway=0) }} {{ words|truncate(40, leeway=5) }} {{ words|truncate(length=9, killwords=true, end="") }}', '{{ words|wordcount }} {{ words|wordwrap(15) }} {{ "aaaaaaaaaa bb"|wordwrap(4) }} {{ "aaaaaaaaaa bb"|wordwrap(4, false, "/") }} {{ lines|wordwrap(10) }}', '{{ "  a b "|trim }}| {{ "xxaxx"|trim("x") }} {{ "ab"|center(6) }}| {{ "abc"|center(6) }}| {{ "a"|center }}|', '{{ lines|indent }}|{{ lines|indent(2, true) }}|{{ lines|indent(2, blank=true) }}|{{ lines|indent("> ") }}', '{{ "aXbXc"|replace("X", "-") }} {{ "aXbXc"|replace("X", "-", 1) }} {{ "aaa"|replace("a", "b", count=2) }}',
    '{{ html|striptags }} {{ "<p>a <!-- b -->\n c &amp; d</p>"|striptags }}', '{{ "a b/ü?&"|urlencode }} {{ {"a": "b c", "d": "e/f"}|urlencode }} {{ [["x", 1], ["y", "&"]]|urlencode }} {{ 5|urlencode }} {{ "-_.~!*()\'"|urlencode }}', '<p{{ {"class": html, "id": none, "x": 5}|xmlattr }}> <p{{ {"a": 1}|xmlattr(false) }}> <p{{ {}|xmlattr }}>', '{{ dict|tojson }} {{ html|tojson }} {{ [1, "</script>"]|tojson }} {{ none|tojson }} {{ yes|tojson }}'.replace('{{ dict|tojson }} ', '').replace('[1, "</script>"]', '"</script>"'), '{{ {"b": [1]}|tojson(indent=2) }}',
    '{{ 0|filesizeformat }} {{ 1|filesizeformat }} {{ 999|filesizeformat }} {{ 1000|filesizeformat }} {{ 1500000|filesizeformat }} {{ 1024|filesizeformat(true) }} {{ 1048576|filesizeformat(binary=true) }}', '{{ "%s, %s!"|format("Hi", name) }} {{ "%(a)s"|format(a=5) }} {{ "%d%%"|format(50) }}', '{{ dict|attr("zz") }}', '{{ "see http://example.com/a?b=1, or www.x.org."|urlize }} {{ "http://example.com/long/path"|urlize(10) }} {{ "http://a.bc"|urlize(nofollow=true, target="_blank") }} {{ "(http://a.bc/x)"|urlize(rel="me") }}', '{{ list|list }} {{ "ab"|list }} {{ dict|list }}', '{{ "x"|pprint }} {{ [1]|pprint }}',
    # Tests
    '{{ name is defined }} {{ missing is defined }} {{ missing is undefined }} {{ missing is not defined }} {{ none is none }} {{ zero is none }} {{ name is string }} {{ n is number }} {{ pi is float }} {{ n is integer }} {{ yes is boolean }} {{ yes is true }} {{ no is false }} {{ n is true }}', '{{ list is iterable }} {{ n is iterable }} {{ list is sequence }} {{ dict is mapping }} {{ list is mapping }} {{ name is sequence }} {{ range is callable }} {{ n is callable }} {{ missing is iterable }}', '{{ 3 is odd }} {{ 3 is even }} {{ 9 is divisibleby 3 }} {{ 9 is divisibleby(2) }} {{ "a" is lower }} {{ "A" is upper }} {{ "aB" is lower }} {{ "1" is upper }} {{ n is sameas n }} {{ n is eq 42 }} {{ n is ne 1 }} {{ n is gt 1 }} {{ n is lt(1) }} {{ n is ge 42 }} {{ n is le 1 }} {{ 1 is in list }} {{ 9 is not in [1] }}', '{{ "upper" is filter }} {{ "nope" is filter }} {{ "odd" is test }} {{ "nope" is test }}', '{% if name is defined and name %}a{% endif %}{{ "b" if missing is not defined else "c" }}{{ none is none or no }}', '{{ n is number and pi is number }}', '{{ n is in dict.values() or n is in [42] }}',
    # Python's methods
    '{{ name.upper() }} {{ " a ".strip() }} {{ "a,b,c".split(",") }} {{ " a  b ".split() }} {{ "a b c d".split(none, 2) }} {{ "a,b,c".split(",", 1) }} {{ name.startswith("Wo") }} {{ name.endswith("x") }} {{ name.replace("o", "0") }} {{ ", ".join(mixed) }} {{ name.find("r") }} {{ name.find("z") }} {{ "abab".count("a") }} {{ name.lower().title() }} {{ "ab cd".title() }} {{ "ABC".capitalize() }}', '{{ "5".zfill(3) }} {{ "-5".zfill(4) }} {{ "ab".ljust(4) }}| {{ "ab".rjust(4, "x") }} {{ "ab".center(5, "-") }} {{ "xax".lstrip("x") }} {{ "xax".rstrip("x") }} {{ "a\\nb\\n".splitlines() }} {{ "12".isdigit() }} {{ "a1".isalnum() }} {{ "ab".isalpha() }} {{ "AB".isupper() }} {{ "ab".islower() }} {{ " ".isspace() }} {{ "1".isnumeric() }} {{ "1".islower() }} {{ "prefix-a".removeprefix("prefix-") }} {{ "a.txt".removesuffix(".txt") }} {{ "a".removesuffix("b") }} {{ "a".removeprefix("b") }} {{ "aba".rfind("a") }} {{ name.startswith(("x", "W")) }}',
    '{{ "{} and {}".format(1, "x") }} {{ "{0}{1}{0}".format("a", "b") }} {{ "{x:.2f} {y:>5}|{z:<4}|{w:^5}|".format(x=3.14159, y=42, z="ab", w="c") }} {{ "{:,}".format(1234567) }} {{ "{:,.2f}".format(1234.5) }} {{ "{:05d} {:+d} {:x} {:.0%} {:*^7} {:.2} {:f}".format(42, 3, 255, 0.5, "mid", "abcdef", 1.5) }} {{ "{{}}".format() }} {{ "{:5}|{:%}".format("a", 0.25) }}', "{{ dict.get('a') }} {{ dict.get('z') }} {{ dict.get('z', 'no') }} {{ dict.keys()|list }} {{ dict.values()|list }} {{ dict.items()|map('first')|list }}", '{% set l = [1] %}{{ l.append(2) or "" }}{{ l.extend([3]) or "" }}{{ l.insert(0, 0) or "" }}{{ l }}{{ l.pop() }}{{ l.pop(0) }}{{ l.index(2) }}{{ l.count(1) }}{{ l }}', '{{ ("<b>"|safe).upper() }} {{ ("<b>%s</b>"|safe).replace("%s", "<x>") }} {{ ("a<b>"|safe).split("<") }} {{ ("{}"|safe).format(html) }} {{ ("<b>"|safe).startswith("<") }} {{ ("-"|safe).join(["<a>"]) }}',
]

# Several templates; the first one is rendered.
FILES = [
    {'page': '{% extends "base" %}{% block title %}T{% endblock %}{% block body %}[{{ super() }}]{{ name }}{% endblock %}', 'base': '<{% block title %}{% endblock %}>{% block body %}base{% endblock body %}{{ self.title() }}'},
    {'c': '{% extends "b" %}{% block x %}c{{ super() }}{% endblock %}', 'b': '{% extends "a" %}{% block x %}b{{ super() }}{% endblock %}', 'a': 'a{% block x %}a{% block y %}y{% endblock %}{% endblock %}'},
    {'p': '{% extends "b" %}{% set active = "home" %}{% macro m() %}M{% endmacro %}ignored{{ name }}{% block x %}{{ m() }}{{ active }}{% endblock %}', 'b': '{{ active }}{% block x %}{% endblock %}{{ active|default("none") }}'},
    {'p': '{% extends "b" %}{% block item %}<{{ i }}>{% endblock %}', 'b': '{% for i in list %}{% block item scoped %}{% endblock %}{% endfor %}'},
    {'p': '{% extends "b" %}{% block item %}<{{ i }}>{% endblock %}', 'b': '{% for i in list %}{% block item %}{% endblock %}{% endfor %}'},
    {'p': 'before{% extends "b" %}', 'b': 'base'},
    {'p': '{% extends layout|default("b") %}{% block x %}1{% endblock %}', 'b': '{% block x %}{% endblock %}'},
    {'p': '{% if yes %}{% extends "b" %}{% endif %}{% block x %}1{% endblock %}', 'b': '[{% block x %}{% endblock %}]'},
    {'p': '{% block header %}<h1>{% block title %}Log In{% endblock %}</h1>{% endblock %}{% block title2 %}{{ self.title() }}{% endblock %}'},
    {'p': '{% for i in list %}{% include "i" %}{% endfor %}{% set local = 1 %}{% include "l" %}{% include "l" without context %}{% include "l" ignore missing %}{% include "none" ignore missing %}{% include ["none", "l"] %}{% include ["none", "none2"] ignore missing with context %}', 'i': '{{ i }}{% set leaked = 1 %}', 'l': '({{ local }}{{ name }}{{ leaked }})'},
    {'p': '{% import "m" as forms %}{{ forms.field("x") }}{{ forms.field("y", type="password") }}{{ forms.version }}{{ forms._private }}', 'm': '{% macro field(name, value="", type="text") -%}\n<input name="{{ name }}" value="{{ value|e }}" type="{{ type }}">\n{%- endmacro %}{% set version = 3 %}{% set _private = 1 %}text'},
    {'p': '{% from "m" import a, b as c with context %}{{ a() }}{{ c }}', 'm': '{% macro a() %}{{ name }}{% endmacro %}{% set b = 2 %}'},
    {'p': '{% from "m" import a without context %}[{{ a() }}]', 'm': '{% macro a() %}{{ name }}{% endmacro %}'},
    {'p': '{% import "m" as m with context %}{{ m.a() }}', 'm': '{% macro a() %}{{ name }}{{ x }}{% endmacro %}'},
    {'p': '{% include "c" %}', 'c': '{% extends "b" %}{% block x %}{{ name }}{% endblock %}', 'b': '<{% block x %}{% endblock %}>'},
    {'p': '{% extends "b" %}{% block a %}{% autoescape false %}{{ html }}{% endautoescape %}{{ html }}{% endblock %}', 'b': '{% block a required %}{% endblock %}'},
    {'p': '{% extends "b" %}{% block x %}{% set v = 1 %}{{ v }}{% endblock %}{% block y %}{{ v }}{% endblock %}', 'b': '{% block x %}{% endblock %}{% block y %}{% endblock %}'},
    {'p': '{% extends "b" %}{% filter upper %}no{% endfilter %}', 'b': 'base'},
    {'p': '{% from "m" import a %}{{ a() }}', 'm': '{% macro a() %}{{ dict(a=1, b=2) }} {{ dict({"x": 1}, y=2) }}{% endmacro %}'},
    {'p': '{% macro outer() %}{% macro inner() %}i{% endmacro %}{{ inner() }}{{ caller() if caller else "" }}{% endmacro %}{% call outer() %}{{ outer() }}{% endcall %}'},
    {'p': '{% include "c" %}', 'c': '{{ name }}{{ x is defined }}'},
    {'p': '{% import "m" as m %}{{ m.f }}{{ m.nope is defined }}', 'm': '{% set f = 5 %}'},
    {'p': '{% from "m" import f %}{{ f("<") }}', 'm': '{% macro f(x) %}<{{ x }}{% endmacro %}'},
    {'p': '{% set x = 3 %}{% from "m" import f with context %}{{ f() }}', 'm': '{% macro f() %}{{ x }}{{ name }}{% endmacro %}'},
    {'p': '{% for x in list %}{% from "m" import f with context %}{{ f() }}{% endfor %}', 'm': '{% macro f() %}{{ x }}{{ name }}{% endmacro %}'},
    {'p': '{% extends "b" %}{% block a %}{{ super() }}{{ super() }}{% endblock %}', 'b': '{% block a %}x{% endblock %}'},
    {'p': '{% extends "b" %}{% block a %}{{ super.super() }}{% endblock %}', 'b': '{% extends "c" %}{% block a %}b{% endblock %}', 'c': '{% block a %}c{% endblock %}'},
    {'p': '{% extends "b" %}{% block a %}{{ self.a is defined }}{{ self.b() }}{% endblock %}', 'b': '{% block a %}x{% endblock %}{% block b %}y{% endblock %}'},
    {'p': '{% extends "b" %}{% block zzz %}unused{% endblock %}', 'b': 'x'},
    {'p': '{% extends "b" %}{% block i %}{{ i }}{{ super() }}{% endblock %}', 'b': '{% for i in list %}{% block i scoped %}s{{ i }}{% endblock %}{% endfor %}'},
    {'p': '{% if no %}{% extends "b" %}{% endif %}x{% block a %}y{% endblock %}', 'b': '[{% block a %}{% endblock %}]'},
    {'p': '{% include ["nope", "b"] %}', 'b': 'B'},
    {'p': '{% extends "b" %}{% set x = 1 %}{% block a %}{{ x }}{% endblock %}', 'b': '{% set x = 2 %}{% block a %}{% endblock %}'},
    {'p': '{% block a %}{% set q = 1 %}{% endblock %}{{ q is defined }}'},
    {'p': '{% set q = 1 %}{% block a %}{{ q }}{% set q = 2 %}{{ q }}{% endblock %}{{ q }}'},
    {'p': '{% with q = 1 %}{% block a %}{{ q is defined }}{% endblock %}{% endwith %}'},
    {'p': '{% if yes %}{% block a %}x{% endblock %}{% endif %}{% if no %}{% block b %}x{% endblock %}{% endif %}'},
    {'p': '{% include "c" with context %}{% include "c" without context %}', 'c': '[{{ name }}]'},
    {'p': '{% macro f() %}{% include "c" %}{% endmacro %}{% set z = 1 %}{{ f() }}', 'c': '[{{ z }}]'},
    {'p': '{% macro f(z) %}{% include "c" %}{% endmacro %}{{ f(3) }}', 'c': '[{{ z }}]'},
    {'p': '{% set items = [3] %}{% include "c" %}{{ items }}', 'c': '{{ items }}{% set items = 4 %}'},
]


def rendered(files):
    loader = DictLoader(files)
    env = Environment(loader=loader, autoescape=True, extensions=['jinja2.ext.do'])
    return env.get_template(next(iter(files))).render(**copy.deepcopy(VALUES))


def main():
    cases = []
    for files in [{'page': source} for source in SOURCES] + FILES:
        try:
            cases.append({'files': files, 'expected': rendered(files)})
        except Exception as error:
            raise SystemExit(f'{files}: {error!r}')
    here = pathlib.Path(__file__).parent
    refused = []
    # Each line is a template. Those that Jinja refuses must be errors here, too.
    for source in (here / 'lines.txt').read_text().splitlines():
        try:
            cases.append({'files': {'page': source}, 'expected': rendered({'page': source})})
        except Exception:
            refused.append(source)
    everything = {'values': VALUES, 'cases': cases, 'refused': refused}
    (here / 'cases.json').write_text(json.dumps(everything, ensure_ascii=False, indent=1) + '\n')
    print(len(cases), len(refused))


if __name__ == '__main__':
    main()
