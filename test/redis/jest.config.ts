/** @jest-config-loader esbuild-register */
import type { Config } from 'jest'
import everything from '../../jest.config'

const [, standard] = everything.projects

/** The tests that need a redis-server, in one dialect: they are about what is on disk and on the wire. */
export default {
  ...(standard as object),
  displayName: 'redis',
  rootDir: '../..',
  roots: ['<rootDir>/test/redis'],
  testMatch: ['<rootDir>/test/redis/**/*.test.ts'],
  globalSetup: '<rootDir>/test/support/measure-pace.ts',
} satisfies Config
