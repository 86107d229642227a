// The part of curl that the documents use: what its command asks, sent to the server of an example.
import http from 'node:http'

/** Options without a value, and those with one. */
const FLAGS = { '-i': 'include', '-I': 'head', '-s': 'silent' }
const VALUES = { '-X': 'method', '-H': 'header', '-d': 'data', '--json': 'json', '-b': 'cookies', '-c': 'keep' }

/** The words of a shell command, with quotes but without anything else of a shell. */
const wordsOf = command =>
  (command.match(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g) ?? []).map(word => word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'))

/** @throws for a command that is not understood, so that none is passed over */
function parse(command) {
  const [program, ...words] = wordsOf(command)
  if (program !== 'curl') throw new Error(`$ ${command}: only curl is run. Put other commands into a sh block`)
  const request = { headers: {} }
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word in FLAGS) request[FLAGS[word]] = true
    else if (word === '-H') Object.assign(request.headers, headerOf(words.shift()))
    else if (word in VALUES) request[VALUES[word]] = words.shift()
    else if (word.startsWith('-'))
      throw new Error(`$ ${command}: the option ${word} is not known to test/docs/curl.mjs`)
    else request.url = word
  }
  const [, path] = /^(?:http:\/\/)?(?:localhost|127\.0\.0\.1):\d+(\/.*|$)/.exec(request.url ?? '') ?? []
  if (path === undefined) throw new Error(`$ ${command}: the URL is none of localhost with a port`)
  return { ...request, path: path || '/' }
}

const headerOf = text => ({ [text.slice(0, text.indexOf(':'))]: text.slice(text.indexOf(':') + 1).trim() })

function bodyOf({ json, data }) {
  if (json !== undefined) return { type: 'application/json', body: json }
  return data === undefined ? {} : { type: 'application/x-www-form-urlencoded', body: data }
}

/**
 * Sends what a command says and compares the answer with what the document shows. With `-i` and `-I` the document may leave
 * out header fields; those that it shows must be there.
 *
 * @param jars cookies by the name of the file that `-c` and `-b` give
 * @throws when the answer is another one
 */
export async function curl({ command, expected }, port, jars) {
  const request = parse(command)
  const { type, body } = bodyOf(request)
  const headers = { host: `localhost:${port}`, ...(type && { 'content-type': type }), ...request.headers }
  const cookies = jars[request.cookies] ?? (request.cookies?.includes('=') ? request.cookies : undefined)
  if (cookies !== undefined && cookies !== '') headers.cookie = cookies
  const method = request.method ?? (request.head ? 'HEAD' : body === undefined ? 'GET' : 'POST')
  const answer = await send({ port, host: '127.0.0.1', path: request.path, method, headers, agent: false }, body)
  if (request.keep !== undefined) jars[request.keep] = keptCookies(jars[request.keep], answer.headers['set-cookie'])
  const wrong =
    request.include || request.head ? differences(answer, expected, request.head) : answer.text.trim() !== expected
  if (wrong) throw new Error(`$ ${command}\nexpected ${expected}\ngot ${shown(answer)}`)
}

function send(options, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(options, response => {
      const chunks = []
      response.on('data', chunk => chunks.push(chunk)).on('error', reject)
      response.on('end', () => {
        const { statusCode, statusMessage, headers } = response
        resolve({ statusCode, statusMessage, headers, text: Buffer.concat(chunks).toString() })
      })
    })
    request.on('error', reject).end(body)
  })
}

/** Cookies as a client sends them back. One that is empty, or long expired, was deleted. */
function keptCookies(jar = '', set = []) {
  const cookies = new Map(jar.split('; ').map(pair => [pair.split('=')[0], pair]))
  for (const each of set) {
    const [pair] = each.split(';')
    const [name] = pair.split('=')
    if (pair === `${name}=` || each.includes('expires=Thu, 01 Jan 1970')) cookies.delete(name)
    else cookies.set(name, pair)
  }
  return [...cookies.values()].filter(Boolean).join('; ')
}

const shown = ({ statusCode, statusMessage, headers, text }) =>
  [`HTTP/1.1 ${statusCode} ${statusMessage}`, ...Object.entries(headers).map(pair => pair.join(': ')), '', text].join(
    '\n',
  )

/** Whether the status, a field that is shown, or the body is another one. */
function differences({ statusCode, statusMessage, headers, text }, expected, head) {
  const [top, ...rest] = expected.split('\n\n')
  const [status, ...fields] = top.split('\n')
  return (
    status !== `HTTP/1.1 ${statusCode} ${statusMessage}` ||
    fields.some(field => {
      const [[name, value]] = Object.entries(headerOf(field))
      return [headers[name.toLowerCase()] ?? []].flat().join(', ') !== value
    }) ||
    (!head && text.trim() !== rest.join('\n\n').trim())
  )
}
