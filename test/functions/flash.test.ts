import { Get, flash, getFlashedMessages, session, type BootstrapOptions } from 'flaskoa'
import { clientOf } from '../support/client'

const errorOf = (act: () => unknown): string => {
  try {
    act()
    return 'no error'
  } catch (error) {
    return String(error)
  }
}

/** What `act` returns in a view, to a client that has been sent two messages. */
async function inView(act: () => unknown): Promise<unknown> {
  class App {
    @Get('/flash')
    flash() {
      flash('Saved.')
      flash('Not saved.', 'error')
      return ''
    }
    @Get('/')
    index() {
      return { result: act() }
    }
  }
  const client = clientOf(App, { testing: true })
  await client.get('/flash')
  return (await client.get('/')).json<{ result: unknown }>().result
}

const read = (options: unknown) => getFlashedMessages(options as object)

test.each<[unknown, unknown]>([
  [undefined, ['Saved.', 'Not saved.']],
  [{}, ['Saved.', 'Not saved.']],
  [{ withCategories: false, categoryFilter: undefined }, ['Saved.', 'Not saved.']],
  [{ categoryFilter: [] }, ['Saved.', 'Not saved.']],
  [{ categoryFilter: ['error'] }, ['Not saved.']],
  [
    { withCategories: true },
    [
      ['message', 'Saved.'],
      ['error', 'Not saved.'],
    ],
  ],
  [{ withCategories: true, categoryFilter: ['message'] }, [['message', 'Saved.']]],
])('getFlashedMessages(%j)', async (options, messages) => {
  expect(await inView(() => read(options))).toEqual(messages)
})

test('withCategories may be known at run time only', async () => {
  const withCategories = Boolean(Math.PI)
  expect(await inView(() => getFlashedMessages({ withCategories }))).toHaveLength(2)
})

test.each<[unknown, string]>([
  [
    { with_categories: true },
    "there is no option 'with_categories'. Did you mean 'withCategories'? The options are categoryFilter and withCategories",
  ],
  [
    { withCategory: true },
    "there is no option 'withCategory'. Did you mean 'withCategories'? The options are categoryFilter and withCategories",
  ],
  [{ toString: 1 }, "there is no option 'toString'. The options are categoryFilter and withCategories"],
  [{ withCategories: 'yes' }, 'withCategories must be true or false, not "yes"'],
  [{ withCategories: null }, 'withCategories must be true or false, not null'],
  [{ categoryFilter: 'error' }, 'categoryFilter must be a list of texts, not "error"'],
  [{ categoryFilter: [5] }, 'categoryFilter must be a list of texts, not an object of class Array'],
  [true, 'expected an object of options, not true'],
  [['error'], 'expected an object of options, not an object of class Array'],
  [null, 'expected an object of options, not null'],
])('getFlashedMessages(%j) is a TypeError, and the messages stay', async (options, message) => {
  const result = await inView(() => [errorOf(() => read(options)), getFlashedMessages()])
  expect(result).toEqual([`TypeError: getFlashedMessages: ${message}`, ['Saved.', 'Not saved.']])
})

test.each<[unknown, string]>([
  [{ category: 'error' }, 'an object of class Object'],
  [5, '5'],
  [null, 'null'],
])('flash with the category %j is a TypeError', async (category, described) => {
  expect(await inView(() => errorOf(() => flash('Saved.', category as string)))).toBe(
    `TypeError: flash(message, category): the category must be a text, not ${described}`,
  )
})

describe('forged messages in a cookie that is not signed', () => {
  const unsigned: BootstrapOptions = { secretKey: undefined, session: { signed: false } }
  class App {
    @Get('/read')
    read() {
      return getFlashedMessages({ withCategories: true })
    }
    @Get('/filter')
    filter() {
      return getFlashedMessages({ categoryFilter: ['message'] })
    }
    @Get('/flash')
    flash() {
      flash('own')
      return (session as unknown as { flashes: unknown[] }).flashes
    }
  }

  test.each([
    [5],
    ['text'],
    [null],
    [true],
    [{ length: 1e9 }],
    [{ filter: 1 }],
    [[null]],
    [[5, 'ab', {}, [], ['a'], [5, 'a'], ['a', 'b', 'c']]],
    [[{ 0: 'a', 1: 'b', length: 2 }]],
  ])('%j: are none, and can be written over', async flashes => {
    const cookie = `koa.sess=${Buffer.from(JSON.stringify({ flashes })).toString('base64')}`
    const client = clientOf(App, unsigned)
    const answers = []
    for (const path of ['/read', '/filter', '/flash']) {
      const response = await client.get(path, { headers: { cookie } })
      answers.push([response.status, response.json()])
    }
    expect(answers).toEqual([
      [200, []],
      [200, []],
      [200, [['message', 'own']]],
    ])
  })

  test('the good ones among them are read, and all are removed', async () => {
    const flashes = [5, ['error', 'text'], ['a', { deep: [1] }]]
    const cookie = `koa.sess=${Buffer.from(JSON.stringify({ flashes })).toString('base64')}`
    const client = clientOf(App, unsigned)
    expect((await client.get('/read', { headers: { cookie } })).json()).toEqual(flashes.slice(1))
    expect(await client.session()).toEqual({})
  })
})
