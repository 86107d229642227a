// Tries each set-up of docs/compilers.md as it stands there, with the versions that users install today, and pino as a logger.
import assert from 'node:assert/strict'
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { check, npm, root, run } from '../../scripts/checks.mjs'

const NOT_COMPILED = 'SyntaxError: Invalid or unexpected token'
const LEGACY = { compilerOptions: { experimentalDecorators: true } }

const page = readFileSync(join(root, 'docs/compilers.md'), 'utf8')
const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** A block of the page: a file by its name, or the command that begins with a word. */
const fileOnPage = name =>
  blockOf(new RegExp(`^\`\`\`\\w+ file=${name.replaceAll('.', '\\.')}(?: .*)?\n([^]*?)^\`\`\`$`, 'm'))
const commandOnPage = start => blockOf(new RegExp(`^\`\`\`sh\n(${start} .*)\n\`\`\`$`, 'm'))

function blockOf(pattern) {
  const found = pattern.exec(page)
  if (found === null) throw new Error(`docs/compilers.md has no block ${pattern}`)
  return found[1]
}

/** Installs the packed flaskoa and the tools in a project of its own, and tries them. */
export async function trySetups(tarball) {
  const directory = mkdtempSync(join(tmpdir(), 'flaskoa-setups-'))
  try {
    const installed = await check('the tools of docs/compilers.md are installed', () => install(directory, tarball))
    if (installed !== undefined) await new Setups(directory).tryAll()
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function install(directory, tarball) {
  cpSync(join(root, 'test/package/setups'), directory, { recursive: true })
  writeFileSync(join(directory, 'package.json'), '{ "name": "setups", "private": true, "type": "module" }')
  const known = ['esbuild', '@swc/core', 'tsx', 'jest', '@types/node'].map(name => `${name}@${devDependencies[name]}`)
  const tools = [...known, devDependencies['typescript-7'].replace('npm:', ''), 'vitest@^4', 'vite@^8']
  const others = ['@swc/jest@^0.2', 'pino@^10']
  return npm(['install', '--prefer-offline', '--no-audit', '--no-fund', tarball, ...tools, ...others], directory)
}

class Setups {
  #directory

  constructor(directory) {
    this.#directory = directory
  }

  async tryAll() {
    await this.#typescript()
    await this.#sourcesInFolder()
    await this.#tsx()
    await this.#esbuild()
    await this.#swc()
    await this.#vitest()
    await this.#plainJavaScript()
    await check('pino, and a child of its logger, get the error itself', () => this.#works('pino.mjs'))
  }

  async #typescript() {
    const tsc = this.#bin('typescript/bin/tsc')
    await check('tsc --init without a target: Node refuses what it compiles, as the page says', () => {
      rmSync(this.#path('tsconfig.json'), { force: true })
      this.#node(tsc, '--init')
      this.#compile(tsc, '--outDir', 'dist')
      this.#isRefused('dist/app.js')
    })
    await check('tsc --init --target es2022', () => {
      rmSync(this.#path('tsconfig.json'))
      this.#node(tsc, '--init', '--target', 'es2022')
      this.#compile(tsc, '--outDir', 'dist')
      this.#works('dist/app.js')
    })
    for (const [dialect, options] of Object.entries({ standard: {}, legacy: LEGACY })) {
      for (const compiler of this.#compilers()) {
        const version = this.#node(compiler, '--version').trim()
        await check(`flaskoa/tsconfig.json, tsc ${version}, ${dialect}`, () => {
          this.#extendTsconfig(options)
          this.#compile(compiler)
          this.#works('dist/app.js')
        })
      }
    }
  }

  /** The application in src/ and its tests in test/, a package inside the one of this class. */
  async #sourcesInFolder() {
    const folder = this.#path('src-layout')
    const write = (name, content) => writeFileSync(join(folder, name), content)
    cpSync(join(root, 'test/package/src-layout'), folder, { recursive: true })
    write('package.json', '{ "private": true, "type": "module" }')
    const blocks = { 'tsconfig.json': 'dist/src/main.js', 'tsconfig.src.json': 'dist/main.js' }
    for (const [block, output] of Object.entries(blocks)) {
      const config = JSON.parse(fileOnPage(block))
      for (const compiler of this.#compilers()) {
        await check(`sources in src/, the page's ${block}, tsc ${this.#node(compiler, '--version').trim()}`, () => {
          write('tsconfig.json', JSON.stringify({ ...config, include: ['src'] }))
          rmSync(join(folder, 'dist'), { recursive: true, force: true })
          run(process.execPath, [compiler, '-p', '.'], folder)
          assert.equal(run(process.execPath, [output], folder), '{"id":5,"path":"/users/5"}\n')
        })
      }
      await this.#tsJest(folder, block, config)
    }
    rmSync(folder, { recursive: true })
  }

  /** ts-jest needs an older TypeScript than the one installed here: both are this repository's. */
  async #tsJest(folder, block, config) {
    const [jest, tsJest, compiler] = ['jest/bin/jest.js', 'ts-jest', 'typescript'].map(path =>
      join(root, 'node_modules', path),
    )
    const page = fileOnPage('jest.config.js')
      .replace("'ts-jest'", JSON.stringify(tsJest))
      .replace('{ tsconfig', `{ compiler: ${JSON.stringify(compiler)}, tsconfig`)
    for (const [dialect, { compilerOptions = {} }] of Object.entries({ standard: {}, legacy: LEGACY })) {
      await check(`ts-jest with the page's jest.config.js and ${block}, ${dialect}`, () => {
        const options = { ...config.compilerOptions, ...compilerOptions }
        writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ ...config, compilerOptions: options }))
        writeFileSync(join(folder, 'jest.config.js'), page)
        run(process.execPath, [jest, '--no-cache'], folder)
      })
    }
  }

  async #tsx() {
    for (const [dialect, options] of Object.entries({ standard: {}, legacy: LEGACY })) {
      await check(`flaskoa/tsconfig.json, tsx, ${dialect}`, () => {
        this.#extendTsconfig(options)
        assert.equal(this.#node(this.#bin('tsx/dist/cli.mjs'), 'app.ts'), 'works\n')
      })
    }
  }

  async #esbuild() {
    const [, , ...args] = commandOnPage('npx esbuild').split(' ')
    const esbuild = (...more) => npm(['exec', '--no', '--', 'esbuild', ...more], this.#directory)
    const withoutTarget = args.filter(each => !each.startsWith('--target'))
    for (const [dialect, options] of Object.entries({ standard: {}, legacy: LEGACY })) {
      await check(`esbuild, ${dialect}, also minified`, () => {
        this.#extendTsconfig(options)
        for (const more of [[], ['--minify']]) {
          esbuild(...args, ...more)
          this.#works('dist/app.js')
        }
      })
      await check(`esbuild --minify, ${dialect}: --keep-names keeps the name of a blueprint`, () => {
        esbuild(...args.map(each => each.replace('app.ts', 'named-by-class.ts')), '--minify', '--keep-names')
        assert.equal(this.#node('dist/app.js'), 'Users.index\n')
      })
    }
    await check('esbuild --minify renames a class: the name of its blueprint is another', () => {
      esbuild(...args.map(each => each.replace('app.ts', 'named-by-class.ts')), '--minify')
      assert.match(this.#node('dist/app.js'), /^(?!Users\.)\w+\.index\n$/)
    })
    await check('esbuild without a target: Node refuses what it compiles, as the page says', () => {
      this.#extendTsconfig({})
      esbuild(...withoutTarget)
      this.#isRefused('dist/app.js')
    })
  }

  async #swc() {
    const { default: swc } = await import(pathToFileURL(this.#bin('@swc/core/index.js')).href)
    const standard = JSON.parse(fileOnPage('.swcrc'))
    const legacy = { ...standard, jsc: { ...standard.jsc, transform: { legacyDecorator: true } } }
    for (const [dialect, config] of Object.entries({ standard, legacy })) {
      await check(`swc with the page's .swcrc, ${dialect}`, () => {
        writeFileSync(this.#path('.swcrc'), JSON.stringify(config))
        const { code } = swc.transformFileSync(this.#path('app.ts'), { cwd: this.#directory, root: this.#directory })
        writeFileSync(this.#path('dist/app.js'), code)
        this.#works('dist/app.js')
      })
      await check(`@swc/jest with the page's .swcrc, ${dialect}`, () => this.#swcJest(config))
    }
    rmSync(this.#path('.swcrc'))
  }

  /** Jest's own kind of modules is CommonJS: the test is the one that ts-jest compiles in run.mjs. */
  #swcJest(swcrc) {
    const directory = this.#path('jest')
    mkdirSync(directory, { recursive: true })
    const consumer = join(root, 'test/package/consumer')
    for (const name of ['app.ts', 'app.test.ts']) copyFileSync(join(consumer, name), join(directory, name))
    const jest = { testEnvironment: 'node', transform: { '\\.ts$': '@swc/jest' } }
    writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'jest-setup', private: true, jest }))
    writeFileSync(join(directory, '.swcrc'), JSON.stringify(swcrc))
    run(process.execPath, [this.#bin('jest/bin/jest.js'), '--no-cache'], directory)
    // Vitest would take its test for one of its own.
    rmSync(directory, { recursive: true })
  }

  async #vitest() {
    const vitest = (...args) => this.#node(this.#bin('vitest/vitest.mjs'), 'run', ...args)
    for (const name of ['vitest.config.ts', 'vitest.legacy.config.ts']) {
      await check(`Vitest with the page's ${name}`, () => {
        this.#extendTsconfig({})
        writeFileSync(this.#path(name), fileOnPage(name))
        assert.match(vitest('--config', name), /works/)
        rmSync(this.#path(name))
      })
    }
    await check('Vitest without a configuration, experimentalDecorators', () => {
      this.#extendTsconfig(LEGACY)
      assert.match(vitest(), /works/)
    })
    await check('Vitest without the plugin refuses standard decorators, as the page says', () => {
      this.#extendTsconfig({})
      assert.throws(vitest, /Invalid or unexpected token/)
    })
  }

  async #plainJavaScript() {
    await check("the page's application in plain JavaScript", () => {
      const listens = /^bootstrap\((.+)\)\.listen\(.*$/m
      const source = fileOnPage('app.js')
      assert.match(source, listens)
      writeFileSync(this.#path('plain.js'), `${source.replace(listens, 'export const app = bootstrap($1)')}`)
      const client = `import { testClient } from 'flaskoa/testing'
        import { app } from './plain.js'
        const client = testClient(app, { headers: { 'X-User': 'Ada' } })
        console.log((await client.get('/')).text, (await client.post('/users/5')).text)`
      writeFileSync(this.#path('plain-client.js'), client)
      assert.equal(this.#node('plain-client.js'), 'Hello {"id":5,"user":"Ada"}\n')
    })
  }

  /** The installed tsc, and this repository's older ones. */
  #compilers() {
    const older = ['typescript', 'typescript-5.9'].map(name => join(root, 'node_modules', name, 'bin/tsc'))
    return [this.#bin('typescript/bin/tsc'), ...older]
  }

  #path(name) {
    return join(this.#directory, name)
  }

  #bin(path) {
    return this.#path(`node_modules/${path}`)
  }

  #node(...args) {
    return run(process.execPath, args, this.#directory)
  }

  #compile(tsc, ...args) {
    rmSync(this.#path('dist'), { recursive: true, force: true })
    this.#node(tsc, '-p', '.', ...args)
  }

  #extendTsconfig(options) {
    const config = { ...JSON.parse(fileOnPage('tsconfig.json')), ...options, files: ['app.ts'] }
    writeFileSync(this.#path('tsconfig.json'), JSON.stringify(config))
  }

  #works(file) {
    assert.equal(this.#node(file), 'works\n')
  }

  #isRefused(file) {
    assert.throws(
      () => this.#node(file),
      ({ message }) => message.includes(NOT_COMPILED),
    )
  }
}
