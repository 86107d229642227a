import { bootstrap, type JsonSchema, type Schema } from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { GetAs } from '../support/declared'

// Libraries that keep what is not declared: it is left out by their JSON Schema (test/schemas has arktype's).

/** A schema of such a library. It takes every value. */
const schemaOf = (json: JsonSchema): Schema => ({
  '~standard': {
    version: 1,
    vendor: 'keeping',
    validate: value => ({ value }),
    jsonSchema: { input: () => json, output: () => json },
  },
})

async function sent(json: JsonSchema, value: unknown): Promise<unknown> {
  class App {
    @GetAs('/', schemaOf(json)) index() {
      return value
    }
  }
  const response = await testClient(bootstrap(App, { testing: true })).get('/')
  return response.json()
}

const text = { type: 'string' }
const number = { type: 'number' }
const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more })
const secret = 'secret'

describe('objects', () => {
  test.each<[string, JsonSchema, unknown, unknown]>([
    ['what is not declared', object({ id: number }), { id: 1, secret }, { id: 1 }],
    ['what is refused', object({ id: number }, { additionalProperties: false }), { id: 1, secret }, { id: 1 }],
    ['an object without properties', { type: 'object' }, { secret }, {}],
    ['nested', object({ owner: object({ id: number }) }), { owner: { id: 1, secret } }, { owner: { id: 1 } }],
    ['anything', {}, { id: 1, other: 2 }, { id: 1, other: 2 }],
    ['a property of anything', object({ data: {} }), { data: { any: 1 }, secret }, { data: { any: 1 } }],
    ['a property of true', object({ data: true }), { data: { any: 1 } }, { data: { any: 1 } }],
    ['a property of false', object({ data: false }), { data: secret }, {}],
    [
      'more allowed',
      object({ id: number }, { additionalProperties: true }),
      { id: 1, x: { y: 1 } },
      { id: 1, x: { y: 1 } },
    ],
    [
      'a record',
      { type: 'object', additionalProperties: object({ id: number }) },
      { a: { id: 1, secret } },
      { a: { id: 1 } },
    ],
    [
      'patterns',
      object({ id: number }, { patternProperties: { '^x-': object({ a: number }), '^x-y': object({ b: number }) } }),
      { id: 1, 'x-y': { a: 1, b: 2, secret }, y: secret },
      { id: 1, 'x-y': { a: 1, b: 2 } },
    ],
    [
      'a pattern that is none of Unicode',
      object({}, { patternProperties: { '^[\\w-.]$': object({ a: number }) } }),
      { '.': { a: 1, secret }, '!': secret },
      { '.': { a: 1 } },
    ],
    ['names of Object.prototype', object({ id: number }), { id: 1, constructor: secret, toString: secret }, { id: 1 }],
    ['a wrong kind of value', object({ owner: object({ id: number }) }), { owner: 'a text' }, { owner: 'a text' }],
    ['a list where an object is declared', object({ owner: object({}) }), { owner: [secret] }, { owner: [] }],
    [
      'an object where a list is declared',
      object({ all: { type: 'array', items: text } }),
      { all: { secret } },
      { all: {} },
    ],
  ])('%s', async (_, json, value, expected) => {
    expect(await sent(json, value)).toEqual(expected)
  })

  test('what is sent is what toJSON gives', async () => {
    class Row {
      id = 1
      secret = secret
      toJSON() {
        return { id: this.id, more: secret }
      }
    }
    const json = object({
      id: number,
      at: { type: 'string' },
      row: object({ id: number }),
      other: object({ id: number }),
    })
    const plain = {
      id: 1,
      at: new Date(0),
      row: new Row(),
      other: Object.assign(Object.create({ secret }) as object, { id: 2 }),
    }
    expect(await sent(json, plain)).toEqual({
      id: 1,
      at: '1970-01-01T00:00:00.000Z',
      row: { id: 1 },
      other: { id: 2 },
    })
    expect(await sent(object({ id: number }), new Row())).toEqual({ id: 1 })
  })
})

describe('lists', () => {
  test.each<[string, JsonSchema, unknown, unknown]>([
    ['items', { type: 'array', items: object({ id: number }) }, [{ id: 1, secret }], [{ id: 1 }]],
    ['of anything', { type: 'array' }, [{ any: 1 }], [{ any: 1 }]],
    [
      'tuples',
      { type: 'array', prefixItems: [text, object({ id: number })] },
      ['a', { id: 1, secret }, secret],
      ['a', { id: 1 }],
    ],
    ['closed tuples', { type: 'array', prefixItems: [text], items: false }, ['a', secret], ['a']],
    [
      'tuples with a rest',
      { type: 'array', prefixItems: [text], items: object({ id: number }) },
      ['a', { id: 1, secret }],
      ['a', { id: 1 }],
    ],
  ])('%s', async (_, json, value, expected) => {
    expect(await sent(json, value)).toEqual(expected)
  })
})

describe('combined schemas', () => {
  const node = { $ref: '#/$defs/node' }
  const tree = { ...node, $defs: { node: object({ name: text, children: { type: 'array', items: node } }) } }
  const shown = object({ kind: { const: 'shown' }, name: text }, { required: ['kind', 'name'] })
  const whole = object({ kind: { enum: ['whole'] }, name: text, mail: text }, { required: ['kind', 'name'] })
  const either = { anyOf: [shown, whole] }

  test.each<[string, JsonSchema, unknown, unknown]>([
    [
      'references, also recursive',
      tree,
      { name: 'a', secret, children: [{ name: 'b', secret, children: [{ name: 'c', secret }] }] },
      { name: 'a', children: [{ name: 'b', children: [{ name: 'c' }] }] },
    ],
    [
      'a reference to the whole',
      object({ id: number, next: { $ref: '#' } }),
      { id: 1, next: { id: 2, secret } },
      { id: 1, next: { id: 2 } },
    ],
    [
      'a reference to nothing',
      object({ next: { $ref: '#/$defs/none/deeper' } }),
      { next: { any: 1 } },
      { next: { any: 1 } },
    ],
    ['allOf', { allOf: [object({ a: number }), object({ b: number })] }, { a: 1, b: 2, secret }, { a: 1, b: 2 }],
    ['anyOf: the part that fits', either, { kind: 'shown', name: 'a', mail: secret }, { kind: 'shown', name: 'a' }],
    [
      'anyOf: the other',
      either,
      { kind: 'whole', name: 'a', mail: 'm', secret },
      { kind: 'whole', name: 'a', mail: 'm' },
    ],
    [
      'oneOf',
      { oneOf: [shown, { type: 'null' }] },
      { kind: 'shown', name: 'a', mail: secret },
      { kind: 'shown', name: 'a' },
    ],
    [
      'a part of anything',
      { anyOf: [shown, {}] },
      { kind: 'shown', name: 'a', more: 1 },
      { kind: 'shown', name: 'a', more: 1 },
    ],
    [
      'a part that resembles',
      { anyOf: [whole, { type: 'null' }] },
      { kind: 'whole', name: 5, secret },
      { kind: 'whole', name: 5 },
    ],
    ['the part of the same kind', either, { kind: 'shown', name: 5, mail: secret }, { kind: 'shown', name: 5 }],
    [
      'what parts have in common',
      { anyOf: [object({ a: number, b: text, c: text }), object({ b: text, a: number })] },
      { a: secret, b: 5, c: 5 },
      { a: secret, b: 5 },
    ],
    ['a part by reference', { anyOf: [node, { type: 'null' }], $defs: tree.$defs }, { name: 5, secret }, { name: 5 }],
    ['no part at all', { anyOf: [text, number, false] }, { secret }, {}],
    [
      'unions in unions',
      { anyOf: [{ anyOf: [shown, { type: 'null' }] }, number] },
      { kind: 'shown', name: 5, secret },
      { kind: 'shown', name: 5 },
    ],
    [
      'two parts that fit',
      { anyOf: [object({ a: number }), object({ a: number, b: text })] },
      { a: 1, b: 'b', secret },
      { a: 1, b: 'b' },
    ],
  ])('%s', async (_, json, value, expected) => {
    expect(await sent(json, value)).toEqual(expected)
  })

  const tagged = (part: object, name: string) => object({ value: part, [name]: text }, { required: ['value'] })
  test.each<[string, object, object, unknown, unknown]>([
    ['minimum', { minimum: 5 }, { maximum: 4 }, 5, 4],
    ['exclusiveMinimum', { exclusiveMinimum: 5 }, { exclusiveMaximum: 6 }, 6, 5],
    ['minLength', { minLength: 2 }, { maxLength: 1 }, 'aa', 'a'],
    ['pattern', { pattern: '^a' }, { pattern: '^b' }, 'a', 'b'],
    ['a pattern that is none of Unicode', { pattern: '^[\\w-.]$' }, { pattern: '^!' }, '.', '!'],
    ['minItems', { minItems: 2 }, { maxItems: 1 }, [1, 2], [1]],
    ['items', { items: { type: 'integer' } }, { items: { type: 'string' } }, [1], ['1']],
    ['integer', { type: 'integer' }, { type: 'string' }, 1, '1'],
    ['null', { type: ['null', 'boolean'] }, { type: 'string' }, null, '1'],
    ['properties', object({ id: number }), object({ id: text }), { id: 1 }, { id: '1' }],
    ['required', { required: ['a'] }, { required: ['b'] }, { a: 1 }, { b: 1 }],
    [
      'closed',
      object({ a: number }, { additionalProperties: false }),
      object({}, { required: ['b'] }),
      { a: 1 },
      { b: 1 },
    ],
    [
      'patterns',
      { patternProperties: { '^a': number }, additionalProperties: false },
      { required: ['b'] },
      { a: 1 },
      { b: 1 },
    ],
    ['allOf', { allOf: [{ minimum: 5 }] }, { allOf: [{ maximum: 4 }] }, 5, 4],
    ['$ref', { $ref: '#/$defs/number' }, { $ref: '#/$defs/text' }, 5, '5'],
    ['dates', { type: 'string' }, number, new Date(0), 4],
  ])('the parts of a union are told apart by %s', async (_, one, other, ofOne, ofOther) => {
    const json = { anyOf: [tagged(one, 'one'), tagged(other, 'other')], $defs: { number, text } }
    const both = { one: 'one', other: 'other' }
    expect(Object.keys((await sent(json, { value: ofOne, ...both })) as object)).toEqual(['value', 'one'])
    expect(Object.keys((await sent(json, { value: ofOther, ...both })) as object)).toEqual(['value', 'other'])
  })
})

test('a schema without JSON Schema is believed', async () => {
  const schema = {
    '~standard': { version: 1, vendor: 'other', validate: (value: unknown) => ({ value }) },
  }
  class App {
    @GetAs('/', schema) index() {
      return { id: 1 }
    }
  }
  expect((await testClient(bootstrap(App)).get('/')).json()).toEqual({ id: 1 })
})
