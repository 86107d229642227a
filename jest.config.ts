/** @jest-config-loader esbuild-register */
import type { Config } from 'jest'

/** The same tests run twice: compiled with TypeScript's legacy decorators and with the standard ones. */
const dialect = (name: 'legacy' | 'standard', tsconfig: string) => ({
  displayName: name,
  testEnvironment: 'node',
  roots: ['<rootDir>/test', '<rootDir>/src'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['<rootDir>/test/types/', '<rootDir>/test/package/', '<rootDir>/test/redis/'],
  setupFilesAfterEnv: ['<rootDir>/test/support/setup.ts'],
  moduleNameMapper: {
    '^flaskoa$': '<rootDir>/src/index.ts',
    '^flaskoa/testing$': '<rootDir>/src/testing/index.ts',
    '^flaskoa/session-redis$': '<rootDir>/src/session/redis.ts',
  },
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig }] },
})

export default {
  projects: [dialect('legacy', 'test/tsconfig.legacy.json'), dialect('standard', 'tsconfig.json')],
  testTimeout: 30_000, // some tests make a thousand requests, and CI may be slow
  collectCoverageFrom: ['src/**/*.ts'],
  coverageReporters: ['text-summary', 'text', 'json-summary'],
  coverageThreshold: { global: { statements: 100, branches: 100, functions: 100, lines: 100 } },
} satisfies Config
