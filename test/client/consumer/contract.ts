// What a server and a page share.
import { Delete, Get, Post, withPrefix } from 'flaskoa/contract'
import { z } from 'zod'

const User = z.object({ id: z.int(), name: z.string(), born: z.date() })
const Conflict = z.object({ title: z.string() })

export const createUser = Post('/users', {
  body: z.object({ name: z.string().min(1) }),
  response: { 201: User, 409: Conflict },
})
export const searchUsers = Get('/users', {
  query: z.object({ page: z.int().default(1), tag: z.array(z.string()).optional() }),
  response: z.object({ page: z.int(), tag: z.array(z.string()) }),
})
export const removeUser = Delete('/users/<int:id>', { response: { 204: null } })
export const login = Post('/login', { form: z.object({ name: z.string() }), response: { 204: null } })
export const me = Get('/me', {
  cookies: z.object({ theme: z.string().optional() }),
  response: z.object({ name: z.string(), theme: z.string() }),
})
export const upload = Post('/pictures', {
  form: z.object({ title: z.string(), tags: z.array(z.string()), picture: z.file() }),
  response: z.object({
    title: z.string(),
    tags: z.array(z.string()),
    name: z.string(),
    type: z.string(),
    text: z.string(),
  }),
})
export const fails = Get('/fails')
export const slow = Get('/slow')
export const member = Get('/members/<path:name>', { response: z.object({ org: z.int(), name: z.string() }) })

export const orgs = withPrefix('/orgs/<int:org>', { member })
