// The code blocks of the documents, and what the words behind the language of each say about it.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../scripts/checks.mjs'

/**
 * Languages that are shown and not run here. Any other must be TypeScript, or `console` with requests. With `file="name"` the
 * package test writes the block to that file (docs/compilers.md).
 */
const SHOWN = ['sh', 'js', 'json', 'text', 'dockerfile', 'nginx', 'ini', 'yaml', 'python', 'jinja']

/**
 * The words allowed after ```` ```ts ````:
 *
 * - nothing: a whole module, which is compiled and run
 * - `continues`: goes on with the block before it
 * - `file="users.ts"`: the name under which other blocks of the page import it
 * - `in=class`, `in=module`: members of a class, or statements, that are compiled with the names of given.d.ts and not run
 * - `error="text"`: must not compile, and the compiler's message has this text
 * - `throws="text"`: compiles, and ends with an error that has this text
 * - `norun="reason"`: is compiled and not run
 * - `skip="reason"`: is neither
 *
 * With `quotes="examples/…"` a block, also one of `jinja`, stands in that file, whose own test compiles and runs it. A line `// …`
 * is for lines left out.
 */
const TYPESCRIPT = ['continues', 'file', 'in', 'error', 'throws', 'norun', 'skip']

/** All Markdown files of the repository, as paths from the root. */
export function pages(folder = '') {
  const entries = readdirSync(join(root, folder), { withFileTypes: true })
  return entries.flatMap(entry => {
    const path = `${folder}${entry.name}`
    if (entry.isDirectory()) return /^(node_modules|dist|coverage|\.git)$/.test(entry.name) ? [] : pages(`${path}/`)
    return path.endsWith('.md') ? [path] : []
  })
}

export const textOf = page => readFileSync(join(root, page), 'utf8')

/**
 * The blocks of a page, unchanged, each with the number of its first line.
 *
 * @throws for a block that ends nowhere, and for one that is indented instead of fenced, which would not be tested
 */
function fencedBlocks(page) {
  const blocks = []
  let open
  let inList = false
  textOf(page)
    .split('\n')
    .forEach((line, index, lines) => {
      const [, indent, fence, info] = /^(\s*)(`{3,}|~{3,})\s*(.*)$/.exec(line) ?? []
      if (open !== undefined) {
        if (fence?.startsWith(open.fence) && info === '') open = undefined
        else open.code += `${line.slice(open.indent)}\n`
        return
      }
      if (fence !== undefined) {
        open = { page, line: index + 1, fence, indent: indent.length, info: info.trim(), code: '' }
        blocks.push(open)
      } else if (/^\S/.test(line)) {
        inList = /^([-*+]|\d+\.|\d+\.\d+) /.test(line) || (inList && lines[index - 1] !== '')
      } else if (/^ {4,}\S/.test(line) && !inList && lines[index - 1] === '') {
        throw new Error(`${page}:${index + 1} is an indented code block: put it between \`\`\``)
      }
    })
  if (open !== undefined) throw new Error(`${page}:${open.line}: the code block has no end`)
  return blocks
}

/** `continues in=class error="a b"` as an object. */
function optionsOf(words, where) {
  const options = {}
  const rest = words.replace(/([\w-]+)(?:=(?:"([^"]*)"|(\S+)))?/g, (_, name, quoted, bare) => {
    if (name in options) throw new Error(`${where}: '${name}' is there twice`)
    options[name] = quoted ?? bare ?? true
    return ''
  })
  if (rest.trim() !== '') throw new Error(`${where}: '${rest.trim()}' in '${words}' has no meaning`)
  return options
}

/**
 * The TypeScript of a page: one entry for each program, with the requests and the output that the page shows below it.
 *
 * @param shown counts the blocks of other languages by name
 * @throws for a language or an option that is unknown, and for requests without a program
 */
export function examplesOf(page, shown = {}) {
  const examples = []
  for (const { line, info, code } of fencedBlocks(page)) {
    const where = `${page}:${line}`
    const [language, words] = [/^\S*/.exec(info)[0], info.replace(/^\S*\s*/, '')]
    const options = optionsOf(words, where)
    const last = examples.at(-1)
    if (options.quotes !== undefined) {
      checkNames([language], ['ts', 'jinja'], where)
      checkNames(Object.keys(options), ['quotes'], where)
      checkQuotation(code, options.quotes, where)
      shown.quoted = (shown.quoted ?? 0) + 1
    } else if (language === 'ts') {
      checkNames(Object.keys(options), TYPESCRIPT, where)
      if (options.continues === undefined) examples.push({ page, where, line, code, options, requests: [], blocks: 1 })
      else goOn(last, code, where)
    } else if (language === 'console') {
      checkNames(Object.keys(options), [], where)
      ofProgram(last, where).requests.push(...requestsOf(code, where))
    } else if (language === 'text' && options.prints) {
      ofProgram(last, where).prints = code
    } else {
      checkNames([language], SHOWN, where)
      checkNames(Object.keys(options), ['file'], where)
      shown[language] = (shown[language] ?? 0) + 1
    }
  }
  return examples
}

function checkNames(names, known, where) {
  const unknown = names.find(name => !known.includes(name))
  if (unknown === undefined) return
  throw new Error(`${where}: '${unknown}' is unknown behind \`\`\`. Known: ${known.join(', ') || 'nothing'}`)
}

/** Each passage between two lines `// …` must be in the file, in this order. */
function checkQuotation(code, file, where) {
  const text = textOf(file)
  let end = 0
  for (const passage of code.split(/^ *\/\/ …\n/m)) {
    const start = text.indexOf(passage, end)
    if (start < 0) throw new Error(`${where}: ${file} does not have, in this order:\n${passage}`)
    end = start + passage.length
  }
}

function goOn(example, code, where) {
  if (example === undefined) throw new Error(`${where} continues a block, but there is no block before it`)
  example.code += code
  example.blocks++
}

function ofProgram(example, where) {
  if (example !== undefined && runs(example)) return example
  throw new Error(`${where} shows what a program does, but the block before it is no program that runs`)
}

/** Whether a block is a program to run. */
export const runs = ({ options }) =>
  !['in', 'error', 'norun', 'skip'].some(name => name in options) && (options.file === undefined || isEntry(options))

/** A file that other blocks import is run by them. */
const isEntry = ({ file }) => /^(app|server|main)\.ts$/.test(file)

/** `$ curl …` and what must come back. */
function requestsOf(code, where) {
  const [before, ...commands] = code.split(/^\$ /m)
  if (before.trim() !== '' || commands.length === 0) throw new Error(`${where}: a console block begins with '$ curl'`)
  return commands.map(text => {
    const end = text.indexOf('\n')
    return { command: text.slice(0, end), expected: text.slice(end + 1).trim() }
  })
}
