import {
  AppUrlDefaults,
  AppUrlValuePreprocessor,
  Blueprint,
  Get,
  Patch,
  Put,
  UrlDefaults,
  UrlValuePreprocessor,
  g,
  urlFor,
} from 'flaskoa'
import { clientOf } from '../support/client'
import { log } from '../support/log'

// Decorators with App in their name, in a blueprint, beside the same decorators without it.

const note = (what: string, endpoint: string | undefined) => void log.push(`${what} ${endpoint}`)

test('[1.5] @AppUrlValuePreprocessor runs for every request, @UrlValuePreprocessor for those of its blueprint', async () => {
  @Blueprint('/blueprint')
  class Pages {
    @AppUrlValuePreprocessor everywhere(endpoint?: string) {
      note('application', endpoint)
    }
    @UrlValuePreprocessor() here(endpoint?: string) {
      note('blueprint', endpoint)
    }
    @Put('/') put() {
      return ''
    }
  }
  class App {
    @Patch('/') patch() {
      return ''
    }
  }
  const client = clientOf(App, { blueprints: [Pages] })
  await client.patch('/')
  await client.put('/blueprint/')
  await client.get('/missing')
  expect(log).toEqual([
    'application patch',
    'application Pages.put',
    'blueprint Pages.put',
    'application undefined', // no rule matched
  ])
})

test('[1.5] @AppUrlDefaults runs for every endpoint, @UrlDefaults for those of its blueprint', async () => {
  @Blueprint('/blueprint')
  class Pages {
    @AppUrlDefaults() everywhere(endpoint: string, values: Record<string, unknown>) {
      note('application', endpoint)
      values.lang ??= g.lang
    }
    @UrlDefaults here(endpoint: string) {
      note('blueprint', endpoint)
    }
    @Get('/<lang>') page() {
      return ''
    }
  }
  class App {
    @Get('/<lang>') index({ lang }: { lang: string }) {
      g.lang = lang
      return [urlFor('index'), urlFor('Pages.page')]
    }
  }
  const client = clientOf(App, { blueprints: [Pages] })
  expect((await client.get('/en')).json()).toEqual(['/en', '/blueprint/en'])
  expect(log).toEqual(['application index', 'application Pages.page', 'blueprint Pages.page'])
})
