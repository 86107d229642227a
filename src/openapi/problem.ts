import type { Json } from './json'

export const PROBLEM_TYPE = 'application/problem+json'

/** The JSON Schema of `ProblemDetails`. */
export const PROBLEM: Json = {
  type: 'object',
  description: 'An error (RFC 9457).',
  properties: {
    type: { type: 'string', format: 'uri-reference', description: 'The kind of problem; absent: the status says it.' },
    title: { type: 'string', description: "The status's own text." },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What has happened.' },
    errors: {
      type: 'array',
      description: 'What is wrong with the input.',
      items: {
        type: 'object',
        properties: {
          in: { type: 'string', enum: ['body', 'form', 'query', 'headers', 'cookies'] },
          pointer: { type: 'string', description: 'The value, as a JSON pointer: #/items/0/price' },
          detail: { type: 'string' },
        },
        required: ['in', 'pointer', 'detail'],
      },
    },
  },
  required: ['title', 'status'],
  // RFC 9457 3.2: clients ignore members that they don't know.
  additionalProperties: true,
}
