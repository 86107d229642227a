import { join } from 'node:path'
import { Fuzzer } from '../faults/fuzzer'
import { dialect } from '../support/dialect'
import { patience } from '../support/pace'

test(
  '2,000 broken and valid inputs on raw sockets: each is answered or its connection closed, and the application still works',
  async () => {
    const root = join(__dirname, '../..')
    const TSX_TSCONFIG_PATH = join(root, dialect === 'legacy' ? 'test/tsconfig.legacy.json' : 'tsconfig.json')
    const { passed, failures, counts } = await Fuzzer.run(2000, 1, { TSX_TSCONFIG_PATH })
    expect(failures).toEqual([])
    expect(passed).toBe(2000)
    // They get past the parser, and not all of them.
    expect(counts['200']).toBeGreaterThan(100)
    expect(counts['404']).toBeGreaterThan(50)
    expect(counts['400']).toBeGreaterThan(500)
  },
  patience(10_000),
)
