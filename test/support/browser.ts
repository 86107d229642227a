import { ask, type Answer } from './ask'

/** A client over a real socket that keeps cookies as a browser does, and does not follow redirects. */
export class Browser {
  readonly cookies = new Map<string, string>()
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  get(path: string): Promise<Answer> {
    return this.#send('GET', path)
  }

  /** Sends a form. */
  post(path: string, form: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.#send('POST', path, new URLSearchParams(form).toString())
  }

  get cookie(): string {
    return Array.from(this.cookies, ([name, value]) => `${name}=${value}`).join('; ')
  }

  async #send(method: string, path: string, body?: string): Promise<Answer> {
    const { cookie } = this
    const headers = {
      ...(cookie !== '' && { Cookie: cookie }),
      ...(body !== undefined && { 'Content-Type': 'application/x-www-form-urlencoded' }),
    }
    const answer = await ask(this.#url + path, { method, headers, ...(body !== undefined && { body }) })
    for (const each of answer.headers['set-cookie'] ?? []) this.#receive(each)
    return answer
  }

  #receive(cookie: string): void {
    const [, name = '', value = ''] = /^([^=]*)=([^;]*)/.exec(cookie) ?? []
    if (value === '') this.cookies.delete(name)
    else this.cookies.set(name, value)
  }
}
