// What a page refers to must exist: other pages and their headings, files of the repository, npm's scripts, test titles.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { root } from '../../scripts/checks.mjs'
import { textOf } from './blocks.mjs'

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** @throws with each reference of the page that leads nowhere */
export function checkReferences(page) {
  const text = withoutCode(textOf(page))
  const lost = [...lostLinks(page, text), ...lostFiles(text), ...lostScripts(textOf(page)), ...lostTests(text)]
  if (lost.length > 0) throw new Error(lost.join('\n'))
}

/** The text without its code blocks, which may look like anything. */
const withoutCode = text => text.replace(/^(\s*)(`{3,}|~{3,})[^]*?^\s*\2\s*$/gm, '')

/** Links `[text](page.md#heading)`, images, and `src` or `href` in HTML. Those to other sites are not asked for. */
function lostLinks(page, text) {
  const prose = text.replace(/`[^`\n]*`/g, '')
  const markdown = [
    ...prose.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g),
    ...prose.matchAll(/^\[[^\]]+\]: (\S+)/gm),
  ]
  const html = [...prose.matchAll(/(?:src|srcset|href)="([^"]+)"/g)]
  return [...markdown, ...html]
    .map(found => found[1])
    .filter(link => !/^(https?|mailto):/.test(link))
    .filter(link => !leadsSomewhere(page, link))
    .map(link => `the link ${link} leads nowhere`)
}

function leadsSomewhere(page, link) {
  const [path, anchor] = decodeURIComponent(link).split('#')
  const target = path === '' ? page : relative(root, join(root, dirname(page), path)).replaceAll('\\', '/')
  if (!existsSync(join(root, target))) return false
  return anchor === undefined || !target.endsWith('.md') || anchorsOf(textOf(target)).has(anchor)
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(text) {
  const anchors = new Map()
  const prose = withoutCode(text)
  for (const [, heading] of prose.matchAll(/^#{1,6} +(.+?)\s*$/gm)) {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '')
    const anchor = plain
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-')
    const seen = anchors.get(anchor) ?? 0
    anchors.set(anchor, seen + 1)
    if (seen > 0) anchors.set(`${anchor}-${seen}`, 1)
  }
  return new Set([...anchors.keys(), ...[...prose.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(found => found[1])])
}

/** Files of the repository in `code`, also with a star for several. */
function lostFiles(text) {
  const paths = [...text.matchAll(/`((?:src|test|docs|scripts|bench|sample-app|\.ci)\/[\w./*-]*)`/g)].map(
    found => found[1],
  )
  return paths.filter(path => !exists(path)).map(path => `there is no ${path}`)
}

function exists(path) {
  if (!path.includes('*')) return existsSync(join(root, path)) || /^bench\/build\b/.test(path)
  const pattern = new RegExp(`^${path.replace(/[.+]/g, '\\$&').replaceAll('*', '.*')}`)
  const folder = path.slice(0, path.slice(0, path.indexOf('*')).lastIndexOf('/'))
  return readdirSync(join(root, folder)).some(name => pattern.test(`${folder}/${name}`))
}

function lostScripts(text) {
  const names = [...text.matchAll(/npm run ([\w:-]+)/g)].map(found => found[1])
  return names
    .filter(name => !(name in scripts) && !SHOWN_SCRIPTS.includes(name))
    .map(name => `there is no npm run ${name}`)
}

/** Scripts of a user's project in examples. */
const SHOWN_SCRIPTS = ['build', 'dev', 'start', 'test']

/** Titles of tests after the name of their file, as in docs/guarantees.md. An ellipsis matches any text. */
function lostTests(text) {
  const named = [...text.matchAll(/`(test\/[\w./-]+\.test\.ts)`:\s"([^"]+)"/g)]
  return named
    .filter(([, file, title]) => {
      if (!existsSync(join(root, file))) return false // already said
      const source = readFileSync(join(root, file), 'utf8')
      return !title.split('…').every(part => source.includes(part.replace(/\s+/g, ' ').trim()))
    })
    .map(([, file, title]) => `${file} has no test "${title}"`)
}
