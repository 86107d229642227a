import { Get, bootstrap } from 'flaskoa'
import { openapiBlueprint } from 'flaskoa/openapi'
import { testClient } from 'flaskoa/testing'
import { setupError } from '../support/setup-error'
import { info } from './documented'

// As on a machine where nobody has installed it.
jest.mock('node:module', () => {
  const actual = jest.requireActual<{ createRequire: (file: string) => NodeJS.Require }>('node:module')
  const createRequire = (file: string) => {
    const own = actual.createRequire(file)
    const resolve = (name: string) => {
      if (name.startsWith('swagger-ui-dist')) throw new Error(`Cannot find module '${name}'`)
      return own.resolve(name)
    }
    return Object.assign((name: string): unknown => own(name), { resolve })
  }
  return { ...actual, createRequire }
})

class App {
  @Get('/')
  index() {
    return ''
  }
}

test('the page is refused at set-up, with what to do', () => {
  expect(setupError(() => openapiBlueprint({ info }))).toBe(
    'FLASKOA_BAD_OPTION openapiBlueprint: the page /docs is that of Swagger UI, which is not installed. Run npm i ' +
      'swagger-ui-dist, or leave the page out with { docs: false }.',
  )
})

test('the document alone does without', async () => {
  const client = testClient(bootstrap(App, { blueprints: [openapiBlueprint({ info, docs: false })] }))
  expect((await client.get('/openapi.json')).status).toBe(200)
})
