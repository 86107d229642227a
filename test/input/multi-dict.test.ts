import { Get, MultiDict, request } from 'flaskoa'
import { clientOf } from '../support/client'

const args = new MultiDict(new URLSearchParams('a=1&b=x&a=2&empty=&yes=on&no=off'))

test('the first value of a name, or all', () => {
  expect([args.get('a'), args.get('b'), args.get('none')]).toEqual(['1', 'x', undefined])
  expect([args.getAll('a'), args.getAll('none')]).toEqual([['1', '2'], []])
})

test('converted, or undefined', () => {
  expect([args.get('a', Number), args.get('b', Number), args.get('empty', Number)]).toEqual([1, undefined, undefined])
  expect(['yes', 'no', 'b', 'empty'].map(name => args.get(name, Boolean))).toEqual([true, false, undefined, undefined])
  expect(args.get('b', text => text.toUpperCase())).toBe('X')
  expect(args.get('b', text => BigInt(text))).toBeUndefined()
  expect(new MultiDict(new URLSearchParams('a=1&a=x&a=3')).getAll('a', Number)).toEqual([1, 3])
})

test('or what is given instead', () => {
  expect([args.get('none', Number, 7), args.get('b', Number, 7), args.get('a', Number, 7)]).toEqual([7, 7, 1])
  expect([args.get('none', undefined, 'x'), args.get('b', undefined, 'y')]).toEqual(['x', 'x'])
})

test('names, pairs, size, JSON', () => {
  expect([args.has('a'), args.has('none')]).toEqual([true, false])
  expect(args.keys()).toEqual(['a', 'b', 'empty', 'yes', 'no'])
  expect(args.size).toBe(6)
  expect([...args].slice(0, 3)).toEqual([
    ['a', '1'],
    ['b', 'x'],
    ['a', '2'],
  ])
  expect(JSON.stringify(args)).toBe('{"a":"1","b":"x","empty":"","yes":"on","no":"off"}')
})

test('values that are no texts are not converted', () => {
  const files = new MultiDict([['file', new File(['a'], 'a.txt')]])
  expect(files.get('file', Number as never)).toBeInstanceOf(File)
})

test('request.args has the parameters of the query string', async () => {
  class App {
    @Get('/')
    view() {
      return { page: request.args.get('page', Number, 1), tags: request.args.getAll('tag') }
    }
  }
  const client = clientOf(App)
  expect((await client.get('/?page=2&tag=a&tag=b')).json()).toEqual({ page: 2, tags: ['a', 'b'] })
  expect((await client.get('/')).json()).toEqual({ page: 1, tags: [] })
})
