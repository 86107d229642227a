import { join } from 'node:path'
import * as flaskoa from 'flaskoa'
import * as contract from 'flaskoa/contract'
import { clientOf } from '../support/client'

const { Get, Post } = contract
const showUser = Get('/users/<int:id>')

test.each(['Route', 'Get', 'Post', 'Put', 'Patch', 'Delete'] as const)(
  'flaskoa/contract has the same %s as flaskoa',
  name => {
    expect(contract[name]).toBe(flaskoa[name])
  },
)

test('a decorator of flaskoa/contract makes a method a view', async () => {
  class App {
    @showUser show({ id }: contract.ArgsOf<typeof showUser>) {
      return { id }
    }
    @Post('/<name>') async create({ name }: { name: string }) {
      return Promise.resolve(name)
    }
  }
  const client = clientOf(App)
  expect((await client.get('/users/5')).json()).toEqual({ id: 5 })
  expect((await client.post('/ann')).text).toBe('ann')
})

test('the facts of a decorator are not among its enumerable properties', () => {
  expect(Reflect.ownKeys({ ...showUser })).toEqual([])
  expect(Object.getOwnPropertyDescriptor(showUser, Symbol.for('flaskoa:route'))).toMatchObject({
    value: { verb: 'GET', rule: '/users/<int:id>', options: {} },
    enumerable: false,
  })
})

test('without flaskoa the decorators are values, which decorate nothing', () => {
  jest.isolateModules(() => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- a copy of its own, of which flaskoa knows nothing
    const alone = require(join(__dirname, '../../src/contract')) as typeof contract
    const show = alone.Get('/')
    expect(Object.getOwnPropertySymbols(show)).toEqual([Symbol.for('flaskoa:route')])
    const decorate = () => {
      class App {
        @show show() {
          return ''
        }
      }
      return App
    }
    expect(decorate).toThrow(
      expect.objectContaining({
        code: 'FLASKOA_BAD_DECORATOR_CALL',
        message:
          "@Get of 'flaskoa/contract' decorates a method before 'flaskoa' has been loaded: import 'flaskoa' before the " +
          'module that has the class.',
      }),
    )
  })
})
