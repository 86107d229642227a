// Compiled, never run: decorators that a module exports. It must compile with `declaration: true`, too, and its declarations
// must be as good as itself (scripts/test-types.mjs).
import { BeforeRequest, Get, makeResponse, Post, Route } from 'flaskoa'
import type { ArgsOf, Context } from 'flaskoa'
import { client } from 'flaskoa/client'
import { Put, withPrefix } from 'flaskoa/contract'
import { Dated, NewUser, Page, Problem, User } from './schemas'

export const createPost = Post('/posts/<int:id>', { body: NewUser, query: Page, response: { 201: User } })
export const showPost = Get('/posts/<int:id>')
export const listPosts = Get('/posts')
export const searchPosts = Route('/search', { query: Dated })
export const replacePost = Put('/posts/<int:id>', { body: NewUser, response: { 200: User, 404: Problem } })
export const posts = withPrefix('/<lang>', { createPost, replacePost })
export const api = client('http://127.0.0.1', { posts, showPost })
export const replaced = api.posts.replacePost({ lang: 'en', id: 1, body: { name: '' } })

export class Posts {
  @BeforeRequest({ security: { bearer: [] }, response: { 401: Problem } }) login(ctx: Context) {
    return ctx.get('Authorization') ? undefined : makeResponse({ title: 'log in', status: 401 }, 401)
  }
  @Get('/made') made(ctx: Context) {
    return ctx.path ? makeResponse(ctx.response, 404) : makeResponse(['text'])
  }
  @createPost create({ id, body, query }: ArgsOf<typeof createPost>, ctx: Context) {
    return { id: id + query.page, name: body.name + ctx.path }
  }
  @showPost show({ id }: ArgsOf<typeof showPost>) {
    return { id }
  }
  @listPosts list(ctx: ArgsOf<typeof listPosts>) {
    return ctx.path
  }
  @searchPosts search({ query: { day } }: ArgsOf<typeof searchPosts>) {
    return day.toISOString()
  }
}
