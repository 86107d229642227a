import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { dialect } from './dialect'

const root = join(__dirname, '../..')

/**
 * Runs `sample-app/server.ts` in a process of its own, as `npm start` does, in the dialect of the running tests.
 *
 * @param use is given the URL that the server's banner names
 * @returns what the server had printed when it was stopped after `use`
 */
export async function runSampleApp(env: Record<string, string>, use: (url: string) => Promise<void>) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'sample-app/server.ts'], {
    cwd: root,
    env: {
      ...process.env,
      PORT: '0',
      TSX_TSCONFIG_PATH: join(root, dialect === 'legacy' ? 'test/tsconfig.legacy.json' : 'tsconfig.json'),
      ...env,
    },
  })
  const printed = { stdout: '', stderr: '' }
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text))
  const closed = once(child, 'close')
  try {
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        printed.stdout += text
        const banner = /(http:\S+)\/ .*\n/.exec(printed.stdout)
        if (banner) resolve(banner[1] as string)
      })
      child.once('close', () => reject(new Error(`the server stopped: ${printed.stderr}`)))
    })
    await use(url)
  } finally {
    child.kill()
    await closed
  }
  return printed
}
