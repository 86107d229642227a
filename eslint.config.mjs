import eslint from '@eslint/js'
import { defineConfig, globalIgnores } from 'eslint/config'
import globals from 'globals'
import tseslint from 'typescript-eslint'
import { directions, noCircle } from './scripts/import-rules.mjs'

export default defineConfig(
  // The examples are compiled where they are installed. Every compiler compiles the files in the last two of the first list, and
  // some of them are wrong on purpose.
  globalIgnores([
    ...[
      'dist/',
      'coverage/',
      'examples/',
      'test/types/',
      'test/package/{consumer,setups,src-layout}/**/*.ts',
      'test/{client,openapi}/consumer/*.ts',
      'test/sentry/*.ts',
    ],
    // Frameworks that are not installed here, used as their documentation shows them.
    ...['bench/build/', 'bench/servers/'],
  ]),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  eslint.configs.recommended,
  { files: ['**/*.{mjs,cjs}'], languageOptions: { globals: globals.node } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      // `...args: any[]` is the type of any constructor or method; every other `any` has its reason next to it.
      '@typescript-eslint/no-explicit-any': ['error', { ignoreRestArgs: true }],
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }], // it spreads into code points
      '@typescript-eslint/prefer-nullish-coalescing': [
        'error',
        { ignorePrimitives: { boolean: true, string: true }, ignoreMixedLogicalExpressions: true },
      ],

      // Off, each for the reason above it:
      // the name of an interface is what the compiler prints, the body of a function type is not;
      '@typescript-eslint/prefer-function-type': 'off',
      // `Record<never, never>` is meant: no names at all;
      '@typescript-eslint/no-generated-empty-object-type': 'off',
      // `json<User>()` and `hook<Decorator>()` let the caller choose the type of the result;
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // `g` and the session are dictionaries;
      '@typescript-eslint/no-dynamic-delete': 'off',
      // a check of a property can identify a class as reliably as `instanceof`;
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // `return fail()` says that nothing comes after it;
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // a hook that must not return a value is declared with `| void`;
      '@typescript-eslint/no-invalid-void-type': 'off',
      // `as T` names the type that `!` leaves to the reader, and strict forbids `!`.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
    },
  },
  {
    files: ['src/**/*.ts'],
    plugins: { flaskoa: { rules: { 'no-circle': noCircle } } },
    rules: { 'flaskoa/no-circle': 'error' },
  },
  ...directions,
  {
    files: ['src/**/*.ts'],
    ignores: ['src/decorators/metadata.ts'],
    rules: {
      'no-restricted-imports': ['error', { paths: [{ name: 'reflect-metadata', message: 'Metadata has one file.' }] }],
    },
  },
  {
    // Loops in a generator: src/lifecycle/coroutine.ts says why.
    files: ['src/lifecycle/lifecycle.ts', 'src/lifecycle/teardown.ts'],
    rules: { '@typescript-eslint/prefer-for-of': 'off' },
  },
  {
    // Tests use flaskoa wrongly on purpose, with values of any type, in controllers that are as small as possible.
    files: ['test/**/*.ts'],
    rules: {
      'require-yield': 'off',
      '@typescript-eslint/await-thenable': 'off',
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off', // `expect.any(…)` and the like are `any`
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-plus-operands': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
)
