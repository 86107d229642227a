import { Get, bootstrap } from 'flaskoa'
import { config } from 'flaskoa/config'
import { renderTemplateString, templates } from 'flaskoa/templates'
import { testClient } from 'flaskoa/testing'
import { z } from 'zod'

test('templates read the configuration by name, and do not show it as a whole', async () => {
  const schema = z.object({ SHOP_NAME: z.string(), SECRET_KEY: z.string() })
  const settings = config(schema, { env: { SHOP_NAME: 'R & B', SECRET_KEY: 'hunter2' }, files: [] })
  class App {
    @Get('/') index() {
      return renderTemplateString('{{ config.SHOP_NAME }} {{ config.NOTHING is defined }}')
    }
    @Get('/all') all() {
      return renderTemplateString('{{ config }} {{ config|tojson }}')
    }
  }
  const client = testClient(bootstrap(App, { extensions: [settings, templates(__dirname)] }))
  expect((await client.get('/')).text).toMatch(/^R &amp; B [Ff]alse$/)
  expect((await client.get('/all')).text).not.toContain('hunter2')
})
