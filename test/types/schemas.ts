// Schemas of three libraries, for accept-input.ts and refuse-input.ts.
import { type } from 'arktype'
import * as v from 'valibot'
import { z } from 'zod'

export const NewUser = z.object({ name: z.string().min(1), age: z.number().int().optional() })
export type NewUser = z.infer<typeof NewUser>
export const User = z.object({ id: z.number().int(), name: z.string() })
export type User = z.infer<typeof User>
export const Page = z.object({ page: z.number().int().min(1).default(1), tag: z.array(z.string()).optional() })
export type Page = z.infer<typeof Page>
export const Problem = z.object({ title: z.string(), status: z.number() })
export const Job = z.object({
  job: z.string(),
  kind: z.enum(['mail', 'report']),
  steps: z.array(z.string()).optional(),
})
export const Dated = z.object({ day: z.iso.date().transform(text => new Date(text)) })
export const Upload = z.object({ title: z.string(), picture: z.file().max(1_000_000) })
export type Upload = z.infer<typeof Upload>
export const Tenant = z.object({ 'x-tenant': z.string() })
export const Theme = z.object({ theme: z.enum(['dark', 'light']).optional() })
export type Theme = z.infer<typeof Theme>

// A schema of itself
export interface Comment {
  text: string
  answers: Comment[]
}
export const Comment: z.ZodType<Comment, Comment> = z.object({
  text: z.string(),
  get answers() {
    return z.array(Comment)
  },
})

export const ValibotUser = v.object({ name: v.pipe(v.string(), v.minLength(1)), age: v.optional(v.number()) })
export type ValibotUser = v.InferOutput<typeof ValibotUser>
export const ArkUser = type({ name: 'string > 0', 'age?': 'number.integer' })
export type ArkUser = typeof ArkUser.infer
