// Uses the package as its users do: packed, installed in a project of its own, from both kinds of modules and under each
// compiler. The compilers are this repository's; flaskoa and what it depends on are the installed ones.
import assert from 'node:assert/strict'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import swc from '@swc/core'
import { check, root, run, summarize } from '../../scripts/checks.mjs'
import { installPackage } from './install.mjs'
import { installedPackages } from './measure.mjs'
import { trySetups } from './setups.mjs'

const dialects = ['legacy', 'standard']
// Outside the repository, so that nothing is found in its node_modules by accident.
const directory = mkdtempSync(join(tmpdir(), 'flaskoa-package-'))
const node = (...args) => run(process.execPath, args, directory)
const bin = path => join(root, 'node_modules', path)

try {
  const installed = await check('flaskoa builds, packs and installs', () => installPackage(directory))
  if (installed !== undefined) await useIt(installed)
} finally {
  rmSync(directory, { recursive: true, force: true })
}
summarize()

async function useIt({ tarball, files }) {
  await tarballHolds(files)
  await isSmall()
  await linters(tarball)
  await plainJavaScript()
  // The same program as a CommonJS and as an ES module.
  for (const name of ['app', 'declarations'])
    for (const kind of ['cts', 'mts']) copyFileSync(join(directory, `${name}.ts`), join(directory, `${name}.${kind}`))
  for (const compiler of ['typescript-5.9', 'typescript', 'typescript-7']) await typescript(compiler)
  for (const dialect of dialects) {
    writeTsconfig(dialect)
    await tsx(dialect)
    await swcCompiled(dialect)
    await jest(dialect)
  }
  await trySetups(tarball)
}

async function tarballHolds(files) {
  await check(
    'the tarball holds the build, its source maps and types, the documents with their pictures and five files, nothing else',
    () => {
      const built = files.filter(file => /^dist\/.+\.(js|js\.map|d\.ts)$/.test(file))
      const entries = [
        'dist/index.js',
        'dist/testing/index.d.ts',
        'dist/session/redis.js',
        'dist/session/redis.d.ts',
        'dist/cli/main.js',
        'dist/devtools/page.js',
      ].concat(
        ['openapi', 'contract', 'client', 'config', 'health', 'static', 'security', 'templates', 'websocket'].flatMap(
          name => [`dist/${name}/index.js`, `dist/${name}/index.d.ts`],
        ),
      )
      assert.deepEqual(
        entries.filter(entry => !built.includes(entry)),
        [],
        built.join(' '),
      )
      const documents = files.filter(file =>
        /^docs\/(?:[\w-]+\.(?:md|svg)|error-page\.png|(?:flask-tests|reference)\/[\w-]+\.md|performance\/\w+\.svg)$/.test(
          file,
        ),
      )
      const pictures = ['docs/lifecycle.svg', 'docs/error-page.png', 'docs/performance/instructions.svg']
      assert.ok([...pictures, 'docs/flask.md'].every(document => documents.includes(document)))
      const others = files.filter(file => !built.includes(file) && !documents.includes(file))
      assert.deepEqual(others.sort(), ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json', 'tsconfig.app.json'])
    },
  )
}

async function isSmall() {
  const limits = { packages: 67, megabytes: 12 }
  await check(`it installs at most ${limits.packages} packages and ${limits.megabytes} MB`, () => {
    const packages = installedPackages(join(directory, 'node_modules'))
    const inMegabytes = bytes => (bytes / 1e6).toFixed(2)
    const total = packages.reduce((sum, { bytes }) => sum + bytes, 0)
    const largest = packages.slice(0, 10).map(({ name, bytes }) => `${inMegabytes(bytes)} MB ${name}`)
    const found = `${packages.length} packages and ${inMegabytes(total)} MB, the largest of them:`
    const isWithin = packages.length <= limits.packages && total <= limits.megabytes * 1e6
    assert.ok(isWithin, [found, ...largest].join('\n'))
  })
}

async function linters(tarball) {
  await check('publint', () => node(bin('publint/src/cli.js'), 'run', tarball, '--strict'))
  // The profile leaves out the resolution of Node 10, which knows no `exports` and so no 'flaskoa/testing'.
  await check('are the types wrong?', () =>
    node(bin('@arethetypeswrong/cli/dist/index.js'), tarball, '--profile', 'node16'),
  )
}

async function plainJavaScript() {
  for (const peer of ['ioredis', 'swagger-ui-dist', '@opentelemetry/api']) {
    await check(`nobody gets ${peer} who has not asked for it`, () => {
      assert.equal(existsSync(join(directory, 'node_modules', peer)), false)
    })
  }
  await check('JavaScript, require', () => node('plain.cjs'))
  await check('JavaScript, import, and both in one process', () => node('plain.mjs'))
  await check('the entries have one copy of each module', () => node('one-copy.mjs'))
  await check('a first answer loads neither fetch, HTTP/2 nor packages that it does not use', () => node('light.cjs'))
  await check('the source map names the lines of src/', sourceMap)
}

function sourceMap() {
  const [, file, line] = /src\/([\w/-]+\.ts):(\d+)/.exec(node('--enable-source-maps', 'stack.cjs'))
  const lines = readFileSync(join(root, 'src', file), 'utf8').split('\n')
  assert.match(lines[line - 1], /new SetupError\(/)
}

async function typescript(compiler) {
  const { version } = createRequire(import.meta.url)(`${compiler}/package.json`)
  const kinds = [
    { file: 'app.cts', module: 'node16', moduleResolution: 'node16' },
    { file: 'app.mts', module: 'nodenext', moduleResolution: 'nodenext' },
    { file: 'app.mts', module: 'esnext', moduleResolution: 'bundler' },
  ]
  for (const dialect of dialects) {
    for (const { file, ...options } of kinds) {
      await check(`TypeScript ${version}, ${dialect}, ${options.moduleResolution}, ${file}`, () => {
        writeTsconfig(dialect, { ...options, outDir: 'out' }, [file])
        node(bin(`${compiler}/bin/tsc`), '-p', '.')
        node(`out/${file.replace('ts', 'js')}`)
      })
    }
    await check(`TypeScript ${version}, ${dialect}, declarations of what a user's module exports`, () => {
      const options = { module: 'node16', moduleResolution: 'node16', declaration: true, outDir: 'out' }
      writeTsconfig(dialect, options, ['declarations.cts', 'declarations.mts'])
      node(bin(`${compiler}/bin/tsc`), '-p', '.')
    })
  }
}

async function tsx(dialect) {
  for (const file of ['app.ts', 'app.mts']) {
    await check(`tsx, ${dialect}, ${file}`, () => node(bin('tsx/dist/cli.mjs'), file))
  }
}

async function swcCompiled(dialect) {
  const transform = dialect === 'legacy' ? { legacyDecorator: true } : { decoratorVersion: '2022-03' }
  for (const [extension, type] of Object.entries({ cjs: 'commonjs', mjs: 'es6' })) {
    await check(`swc ${swc.version}, ${dialect}, ${type}`, () => {
      const parser = { syntax: 'typescript', decorators: true }
      const { code } = swc.transformFileSync(join(directory, 'app.ts'), {
        configFile: false,
        swcrc: false,
        jsc: { parser, transform, target: 'es2022' },
        module: { type },
      })
      mkdirSync(join(directory, 'out'), { recursive: true })
      writeFileSync(join(directory, `out/swc.${extension}`), code)
      node(`out/swc.${extension}`)
    })
  }
}

async function jest(dialect) {
  const config = { testEnvironment: 'node', transform: { '\\.ts$': [bin('ts-jest'), {}] } }
  await check(`jest with ts-jest, ${dialect}`, () => {
    writeTsconfig(dialect)
    node(bin('jest/bin/jest.js'), '--config', JSON.stringify(config), '--rootDir', directory)
  })
}

function writeTsconfig(dialect, options = { module: 'node16', moduleResolution: 'node16' }, files = ['app.ts']) {
  const compilerOptions = {
    target: 'es2022',
    strict: true,
    skipLibCheck: false,
    types: ['node'],
    experimentalDecorators: dialect === 'legacy',
    ...options,
  }
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
}
