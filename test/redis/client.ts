import { ask, type Answer } from '../support/ask'

/** A browser, as far as cookies go. */
export class Browser {
  cookie = ''

  constructor(private readonly servers: readonly string[]) {}

  /** Asks one of the servers, and takes the cookies that it sets. */
  async get(path: string, server = 0): Promise<Answer> {
    const answer = await this.request(path, server)
    const pairs = (answer.headers['set-cookie'] ?? []).map(each => each.slice(0, each.indexOf(';')))
    if (pairs.length > 0) this.cookie = pairs.join('; ')
    return answer
  }

  request(path: string, server: number): Promise<Answer> {
    return ask(`${this.servers[server % this.servers.length]}${path}`, { headers: { Cookie: this.cookie } })
  }
}
