import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Rules that describe something flaskoa does not have, so that nothing could show them. */
const NOT_APPLICABLE: Readonly<Record<string, string>> = {
  '1.2': 'only a store that looks at the route could see whether the URL is matched before the session is opened',
  '1.7': 'the order of Flask 2.0.0 and 2.0.1, which is not followed here',
  '3.6': 'Flask 2.3 and later have no before-first functions',
  '4.8': 'a quirk of Werkzeug that is not ported',
  '4.10': 'redirects are 308, which keeps method and body',
  '7.8': 'should_ignore_error is deprecated',
  '8.4': 'there are no tuples: makeResponse sets status and headers',
  '10.3': 'forms are not read by the framework',
  '11.1': 'bootstrap freezes the plan: nothing can be registered later',
  '11.2': 'as 11.1',
}

const files = readdirSync(join(__dirname, '..'), { recursive: true, encoding: 'utf8' }).filter(file =>
  file.endsWith('.test.ts'),
)
const titles = files.map(file => readFileSync(join(__dirname, '..', file), 'utf8')).join('\n')
const named = new Set(
  [...titles.matchAll(/\[(\d\d?\.\d+(?:, ?\d\d?\.\d+)*)\]/g)].flatMap(found => found[1]?.split(/, ?/) ?? []),
)
// docs/rules.md begins the paragraph of each rule with its number.
const document = readFileSync(join(process.cwd(), 'docs/rules.md'), 'utf8')
const rules = [...document.matchAll(/^\*\*\[(\d+\.\d+)\]\*\* /gm)].map(found => found[1] as string)
/** Sections 15 and 16 are about signals and the test client: which of their rules apply is not counted. */
const isCounted = (rule: string) => !/^1[56]\./.test(rule)

test('docs/rules.md numbers its rules without gaps', () => {
  const counts: Record<string, number> = {}
  const expected = rules.map(rule => {
    const section = rule.split('.')[0] as string
    return `${section}.${(counts[section] = (counts[section] ?? 0) + 1)}`
  })
  expect(rules).toEqual(expected)
  expect(Object.keys(counts)).toEqual(Array.from({ length: 16 }, (_, section) => String(section + 1)))
})

test('every rule that applies is named by a test', () => {
  expect(rules.filter(rule => isCounted(rule) && !named.has(rule) && !(rule in NOT_APPLICABLE))).toEqual([])
})

test('no test names a rule that does not exist', () => {
  expect([...named].filter(rule => !rules.includes(rule))).toEqual([])
})
