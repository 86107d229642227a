import { existsSync, statSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { bootstrap, Post, TeardownRequest, UploadedFile, type Context } from 'flaskoa'
import { z } from 'zod'
import { log, note } from '../support/log'
import { MULTIPART, multipart, part } from '../support/multipart'
import { protocols } from '../support/send'
import { filesLeft, temporary } from '../support/uploads'

/** The options of a route with input, whose types a decorator does not know yet. */
const declaring = (options: object) => options as never

const Avatar = z.object({ name: z.string(), avatar: z.file().max(100).mime('image/png') })

class App {
  @Post('/form') async form({ request }: Context) {
    const form = await request.form()
    const files = await Promise.all([...form.files].map(async ([field, file]) => ({ field, ...(await shown(file)) })))
    return { fields: [...form], files }
  }
  @Post('/declared', declaring({ form: Avatar })) async declared({ form }: { form: z.infer<typeof Avatar> }) {
    return { name: form.name, ...(await shown(form.avatar as UploadedFile)) }
  }
  @Post('/kept') async kept({ request }: Context) {
    const file = (await request.form()).files.get('file') as UploadedFile
    await file.moveTo(join(temporary, '../', `${file.name}.kept`))
    return file.name
  }
  @TeardownRequest() async teardown(_: unknown, ctx: Context) {
    if (ctx.is('multipart') && ctx.status < 300) {
      const form = await ctx.request.form()
      for (const [, file] of form.files)
        note(`teardown ${file.name} ${file.path ? existsSync(file.path) : 'in memory'}`)
    }
  }
}

async function shown(file: UploadedFile) {
  const { name, type, size, path } = file
  return { name, type, size, text: await file.text(), isOnDisk: path !== undefined && existsSync(path) }
}

describe.each(protocols)('files over %s', (_, serving) => {
  test('are on disk until the request has been torn down, and fields are texts', async () => {
    await serving(bootstrap(App, { logger: false }), async send => {
      const body = multipart([
        part('a', '1'),
        part('file', 'hello', 'a.txt', 'text/plain'),
        part('a', '2'),
        part('empty', '', 'e.bin'),
        part('none', '', '', 'application/octet-stream'),
      ])
      const [status, text] = await send({ path: '/form', type: MULTIPART, body })
      expect([status, JSON.parse(text)]).toEqual([
        200,
        {
          fields: [
            ['a', '1'],
            ['a', '2'],
          ],
          files: [
            { field: 'file', name: 'a.txt', type: 'text/plain', size: 5, text: 'hello', isOnDisk: true },
            { field: 'empty', name: 'e.bin', type: 'text/plain', size: 0, text: '', isOnDisk: true },
          ],
        },
      ])
      expect(log).toEqual(['teardown a.txt true', 'teardown e.bin true'])
      expect(filesLeft()).toEqual([])
    })
  })
})
