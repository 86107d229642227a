import { Blueprint, Get, Post, Route, abort, flash, g, redirect, request, urlFor } from 'flaskoa'
import { renderTemplate } from 'flaskoa/templates'
import { query } from './db.js'
import { fields } from './forms.js'
import { LoginRequired } from './login-required.js'

interface PostRow {
  readonly id: number
  readonly title: string
  readonly body: string
  readonly created: string
  readonly author_id: number
  readonly username: string
}

const SELECT = 'SELECT p.id, title, body, created, author_id, username FROM post p JOIN user u ON p.author_id = u.id'

@Blueprint({ name: 'blog' })
export class Blog {
  @Get('/', { alias: 'index' })
  index() {
    return renderTemplate('blog/index.html', { posts: query<PostRow>(`${SELECT} ORDER BY created DESC`) })
  }

  @LoginRequired
  @Route('/create', { methods: ['GET', 'POST'] })
  async create() {
    if (request.method === 'POST') {
      const { title, body } = await fields('title', 'body')
      if (title !== '') {
        query('INSERT INTO post (title, body, author_id) VALUES (?, ?, ?)', title, body, g.user!.id)
        return redirect(urlFor('blog.index'))
      }
      flash('Title is required.')
    }
    return renderTemplate('blog/create.html')
  }

  @LoginRequired
  @Route('/<int:id>/update', { methods: ['GET', 'POST'] })
  async update({ id }: { id: number }) {
    const post = this.ownPost(id)
    if (request.method === 'POST') {
      const { title, body } = await fields('title', 'body')
      if (title !== '') {
        query('UPDATE post SET title = ?, body = ? WHERE id = ?', title, body, id)
        return redirect(urlFor('blog.index'))
      }
      flash('Title is required.')
    }
    return renderTemplate('blog/update.html', { post })
  }

  @LoginRequired
  @Post('/<int:id>/delete')
  delete({ id }: { id: number }) {
    this.ownPost(id)
    query('DELETE FROM post WHERE id = ?', id)
    return redirect(urlFor('blog.index'))
  }

  /** A post of the user who is logged in: 404 if it does not exist, 403 if it is another user's. */
  private ownPost(id: number): PostRow {
    const [post] = query<PostRow>(`${SELECT} WHERE p.id = ?`, id)
    if (post === undefined) abort(404, `Post id ${id} doesn't exist.`)
    if (post.author_id !== g.user?.id) abort(403)
    return post
  }
}
