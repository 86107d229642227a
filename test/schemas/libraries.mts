import { scope, type } from 'arktype'
import * as v from 'valibot'
import { z } from 'zod'

interface Node {
  name: string
  children: Node[]
}

const zodTree: z.ZodType<Node> = z.object({ name: z.string(), children: z.lazy(() => z.array(zodTree)) })
const zod = {
  Query: z.object({ page: z.int().min(1), all: z.boolean().optional(), tag: z.array(z.string()).optional() }),
  NewUser: z.object({ name: z.string().min(1) }),
  User: z.object({
    id: z.number(),
    name: z.string(),
    owner: z.object({ id: z.number() }).nullable(),
    born: z.date().transform(born => born.toISOString().slice(0, 10)),
  }),
  Shape: z.union([
    z.object({ kind: z.literal('circle'), radius: z.number() }),
    z.object({ kind: z.literal('square'), side: z.number(), radius: z.number().optional() }),
  ]),
  Tree: zodTree,
  Loose: z.looseObject({ id: z.number() }),
  Scores: z.record(z.string(), z.object({ points: z.number() })),
  Pair: z.tuple([z.string(), z.object({ id: z.number() })]),
  Text: z.string(),
}

const valibotTree: v.GenericSchema<Node> = v.object({ name: v.string(), children: v.lazy(() => v.array(valibotTree)) })
const valibot = {
  Query: v.object({
    page: v.pipe(v.number(), v.integer(), v.minValue(1)),
    all: v.optional(v.boolean()),
    tag: v.optional(v.array(v.string())),
  }),
  NewUser: v.object({ name: v.pipe(v.string(), v.minLength(1)) }),
  User: v.object({
    id: v.number(),
    name: v.string(),
    owner: v.nullable(v.object({ id: v.number() })),
    born: v.pipe(
      v.date(),
      v.transform(born => born.toISOString().slice(0, 10)),
    ),
  }),
  Shape: v.union([
    v.object({ kind: v.literal('circle'), radius: v.number() }),
    v.object({ kind: v.literal('square'), side: v.number(), radius: v.optional(v.number()) }),
  ]),
  Tree: valibotTree,
  Loose: v.looseObject({ id: v.number() }),
  Scores: v.record(v.string(), v.object({ points: v.number() })),
  Pair: v.tuple([v.string(), v.object({ id: v.number() })]),
  Text: v.string(),
}

const arktype = {
  Query: type({ page: 'number.integer >= 1', 'all?': 'boolean', 'tag?': 'string[]' }),
  NewUser: type({ name: 'string >= 1' }),
  User: type({
    id: 'number',
    name: 'string',
    owner: type({ id: 'number' }).or('null'),
    born: type('Date').pipe(born => born.toISOString().slice(0, 10)),
  }),
  Shape: type({ kind: "'circle'", radius: 'number' }).or({ kind: "'square'", side: 'number', 'radius?': 'number' }),
  Tree: scope({ node: { name: 'string', children: 'node[]' } }).export().node,
  Loose: type({ id: 'number', '[string]': 'unknown' }),
  Scores: type({ '[string]': { points: 'number' } }),
  Pair: type(['string', { id: 'number' }]),
  Text: type('string'),
}

/** The same schemas in each library. */
export const libraries = { zod, valibot, arktype }
