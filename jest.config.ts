/** @jest-config-loader esbuild-register */
import { availableParallelism } from 'node:os'
import type { Config } from 'jest'
import { inBothDialects } from './test/support/in-both-dialects'

/** A jest project that compiles `src/` and its tests with one dialect of decorators. */
const dialect = (name: 'legacy' | 'standard', tsconfig: string, tests: readonly string[]) => ({
  displayName: name,
  testEnvironment: 'node',
  roots: ['<rootDir>/test', '<rootDir>/src'],
  // The last three folders have their own runners. They are not in `testPathIgnorePatterns`, which the command line can replace.
  testMatch: [...tests.map(test => `<rootDir>/test/${test}`), '!**/test/{types,package,redis}/**'],
  setupFilesAfterEnv: ['<rootDir>/test/support/setup.ts'],
  moduleNameMapper: {
    '^flaskoa$': '<rootDir>/src/index.ts',
    '^flaskoa/client$': '<rootDir>/src/client/index.ts',
    '^flaskoa/config$': '<rootDir>/src/config/index.ts',
    '^flaskoa/contract$': '<rootDir>/src/contract/index.ts',
    '^flaskoa/health$': '<rootDir>/src/health/index.ts',
    '^flaskoa/openapi$': '<rootDir>/src/openapi/index.ts',
    '^flaskoa/security$': '<rootDir>/src/security/index.ts',
    '^flaskoa/static$': '<rootDir>/src/static/index.ts',
    '^flaskoa/telemetry$': '<rootDir>/src/telemetry/index.ts',
    '^flaskoa/templates$': '<rootDir>/src/templates/index.ts',
    '^flaskoa/testing$': '<rootDir>/src/testing/index.ts',
    '^flaskoa/session-redis$': '<rootDir>/src/session/redis.ts',
  },
  // `isolatedModules` in the tsconfig makes ts-jest compile without a type check: `npm run test:types` does that.
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig }] },
})

export default {
  projects: [
    dialect(
      'legacy',
      'test/tsconfig.legacy.json',
      inBothDialects.map(beginning => `${beginning}*.test.ts`),
    ),
    dialect('standard', 'tsconfig.json', ['**/*.test.ts']),
  ],
  // Jest's own default is one less than there are processors: on a machine with two, the second would wait.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  globalSetup: '<rootDir>/test/support/measure-pace.ts',
  collectCoverageFrom: ['src/**/*.ts'],
  coverageReporters: ['text-summary', 'text', 'json-summary'],
  coverageThreshold: { global: { statements: 100, branches: 100, functions: 100, lines: 100 } },
} satisfies Config
