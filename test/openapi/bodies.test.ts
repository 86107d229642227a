/* eslint-disable @typescript-eslint/no-unsafe-member-access -- documents are JSON, which the tests look into */
import { toJsonSchema } from '@valibot/to-json-schema'
import { Post, UploadedFile, type BootstrapOptions, type Schema } from 'flaskoa'
import * as v from 'valibot'
import { z } from 'zod'
import { settled } from '../support/gate'
import { setupError } from '../support/setup-error'
import { declared, documentOf, operation } from './documented'

const JSON_TYPE = 'application/json'
const MULTIPART = 'multipart/form-data'
const URLENCODED = 'application/x-www-form-urlencoded'

/** The body of a route with these options. */
function bodyOf(options: Parameters<typeof declared>[0], bootstrapOptions: BootstrapOptions = { toJsonSchema }) {
  class App {
    @Post('/', declared(options))
    index(): never {
      throw new Error('not called')
    }
  }
  return operation(documentOf(App, bootstrapOptions), 'post', '/').requestBody
}

/** A schema of no library. */
const schemaOf = (validate: Schema['~standard']['validate'], json?: object): Schema => ({
  '~standard': {
    version: 1,
    vendor: 'own',
    validate,
    ...(json !== undefined && { jsonSchema: { input: () => json as never, output: () => json as never } }),
  },
})

describe('JSON', () => {
  test('it is required unless the schema takes nothing, and has the examples of doc', () => {
    const name = z.object({ name: z.string() })
    const schema = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }
    expect(bodyOf({ body: name, doc: { examples: { ann: { name: 'ann' } } } })).toEqual({
      required: true,
      content: { [JSON_TYPE]: { schema, examples: { ann: { value: { name: 'ann' } } } } },
    })
    expect(bodyOf({ body: name.optional() })).toMatchObject({ required: false })
  })

  test('a schema that is asynchronous or fails is asked no further: the body is required', () => {
    const own = [
      schemaOf(() => Promise.resolve({ value: 1 })),
      schemaOf(() => Promise.reject(new Error('own'))),
      schemaOf(() => {
        throw new Error('own')
      }),
    ]
    for (const body of own) {
      expect(bodyOf({ body }, {})).toEqual({
        required: true,
        content: {
          [JSON_TYPE]: {
            schema: { description: "JSON Schema can't express it: the schema of own has no JSON Schema." },
          },
        },
      })
    }
  })

  test('the input side: what a client sends, before it is transformed', () => {
    const body = z.object({ day: z.iso.date().transform(text => new Date(text)), role: z.string().default('user') })
    const { schema } = bodyOf({ body }).content[JSON_TYPE]
    expect(schema.properties.day).toMatchObject({ type: 'string', format: 'date' })
    expect(schema.required).toEqual(['day'])
  })

  test('a strict object stays strict, and the bounds of safe integers are left out', () => {
    const { schema } = bodyOf({ body: z.strictObject({ n: z.int() }) }).content[JSON_TYPE]
    expect(schema).toMatchObject({ additionalProperties: false, properties: { n: { type: 'integer' } } })
    expect(Object.keys(schema.properties.n)).toEqual(['type'])
  })
})

describe('a body that the view reads itself', () => {
  const requestBody = {
    description: 'Rows.',
    required: true,
    content: { 'text/csv': { schema: { type: 'string' } }, 'application/octet-stream': {} },
    'x-rows': 10,
  }

  test('is what doc.requestBody says', () => {
    expect(bodyOf({ doc: { requestBody } })).toEqual(requestBody)
    expect(bodyOf({ query: z.object({}), doc: { requestBody } })).toEqual(requestBody)
    expect(bodyOf({ doc: { summary: 'Nothing.' } })).toBeUndefined()
  })

  test.each(['body', 'form'])('beside the option %s it is a set-up error', option => {
    expect(setupError(() => bodyOf({ [option]: z.object({}), doc: { requestBody } }))).toBe(
      `FLASKOA_BAD_OPTION App.index: @Post has both the option ${option} and doc.requestBody, but the document describes one ` +
        'body. Leave doc.requestBody out, which is for a view that reads the body itself.',
    )
  })
})

describe('forms', () => {
  test('a form without files may be sent in both types', () => {
    const { content, required } = bodyOf({ form: z.object({ name: z.string() }) })
    expect(required).toBe(true)
    expect(Object.keys(content)).toEqual([MULTIPART, URLENCODED])
    expect(bodyOf({ form: z.object({ name: z.string().optional() }) })).toMatchObject({ required: false })
  })

  test('a form with files is multipart', () => {
    const { content } = bodyOf({
      form: z.object({ title: z.string(), picture: z.file().mime('image/png'), others: z.array(z.file()).optional() }),
    })
    expect(content).toEqual({
      [MULTIPART]: {
        schema: {
          type: 'object',
          properties: {
            title: { type: 'string' },
            picture: { type: 'string', format: 'binary', contentMediaType: 'image/png' },
            others: { type: 'array', items: { type: 'string', format: 'binary' } },
          },
          required: ['title', 'picture'],
        },
        encoding: { picture: { contentType: 'image/png' } },
      },
    })
  })

  test('files that a JSON Schema leaves open are found by asking the schema', () => {
    const form = v.object({
      any: v.any(),
      file: v.pipe(v.file(), v.mimeType(['image/png'])),
      files: v.array(v.file()),
      plain: v.optional(v.file()),
      texts: v.array(v.any()),
      number: v.number(),
    })
    const { schema } = bodyOf({ form }).content[MULTIPART]
    expect(schema.properties).toEqual({
      any: {},
      file: { type: 'string', format: 'binary' },
      files: { type: 'array', items: { type: 'string', format: 'binary' } },
      plain: { type: 'string', format: 'binary' },
      texts: { type: 'array', items: {} },
      number: { type: 'number' },
    })
  })

  test('a schema that can not be asked, or says nothing of its properties', () => {
    const open = { type: 'object', properties: { a: {}, b: true } }
    for (const validate of [
      () => Promise.resolve({ value: 1 }),
      () => Promise.reject(new Error('own')),
      () => {
        throw new Error('own')
      },
    ]) {
      const { content } = bodyOf({ form: schemaOf(validate, open) })
      expect(content[MULTIPART].schema).toEqual(open)
    }
    const anything = schemaOf(value => ({ value }), { type: 'object' })
    expect(bodyOf({ form: anything }).content[URLENCODED].schema).toEqual({ type: 'object' })
  })

  test('a class of files is a file', () => {
    const form = z.object({ f: z.instanceof(UploadedFile), all: z.array(z.instanceof(Blob)), no: z.instanceof(Date) })
    expect(bodyOf({ form }).content[MULTIPART].schema.properties).toEqual({
      f: { type: 'string', format: 'binary' },
      all: { type: 'array', items: { type: 'string', format: 'binary' } },
      no: {},
    })
  })

  test('an asynchronous check ends no process, and is asked no further', async () => {
    const fails = jest.fn(() => Promise.reject(new Error('no database')))
    const file = z.instanceof(File)
    const unhandled: unknown[] = []
    const notice = (error: unknown) => unhandled.push(error)
    process.on('unhandledRejection', notice)
    try {
      const { content } = bodyOf({ form: z.object({ f: file.refine(fails), all: z.array(file.refine(fails)) }) })
      expect(content[MULTIPART].schema.properties).toEqual({
        f: { type: 'string', format: 'binary' },
        all: { type: 'array', items: { type: 'string', format: 'binary' } },
      })
      bodyOf({ form: z.object({ f: file.superRefine(fails).optional() }).refine(fails) })
      bodyOf({ form: z.object({ a: z.any().transform(fails) }) })
      expect(bodyOf({ body: z.any().refine(fails) })).toMatchObject({ required: true })
      expect(bodyOf({ body: z.string().refine(fails).optional() })).toMatchObject({ required: false })
      await settled()
    } finally {
      process.off('unhandledRejection', notice)
    }
    expect(fails).toHaveBeenCalled()
    expect(unhandled).toEqual([])
  })

  test('the name of a form stays', () => {
    const form = v.pipe(v.object({ file: v.file() }), v.title('Upload'))
    expect(bodyOf({ form }).content[MULTIPART].schema).toEqual({ $ref: '#/components/schemas/Upload' })
    const named = z.object({ file: z.file() }).meta({ id: 'Named' })
    expect(bodyOf({ form: named }).content[MULTIPART].schema).toEqual({ $ref: '#/components/schemas/Named' })
  })
})
