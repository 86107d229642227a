import { inspect } from 'node:util'
import { Get, bootstrap, g, withAppContext, type Globals } from 'flaskoa'

/** Flask's tests of `g`: a JavaScript object, so its own operators stand for Python's methods. */
class App {
  @Get('/')
  index() {
    return 'index'
  }
}

const inContext = (look: () => void) => withAppContext(bootstrap(App), look)

describe('[14.1] g', () => {
  test('is read with a default, asked, filled and emptied (test_appctx.py::test_app_ctx_globals_methods)', async () => {
    await inContext(() => {
      expect(g.name).toBeUndefined()
      expect(g.name ?? 'nobody').toBe('nobody')
      expect('name' in g).toBe(false)
      g.name = 'Ada'
      expect('name' in g).toBe(true)
      g.lang ??= 'en'
      g.lang ??= 'de'
      expect(g.lang).toBe('en')
      expect([take('lang'), take('lang'), take('lang') ?? 'fr']).toEqual(['en', undefined, 'fr'])
      expect(Object.keys(g)).toEqual(['name'])
      expect(inspect(g)).toContain("name: 'Ada'")
    })
  })

  /** A value, which is then no longer there. */
  function take(key: keyof Globals) {
    const value: unknown = g[key]
    Reflect.deleteProperty(g, key)
    return value
  }

  test('has what was set, and else nothing (test_basic.py::test_get_method_on_g)', async () => {
    await inContext(() => {
      expect(g.count).toBeUndefined()
      expect(g.count ?? 11).toBe(11)
      g.count = 42
      expect(g.count ?? 11).toBe(42)
      expect(g.count).toBe(42)
    })
  })

  test('names what it has (test_basic.py::test_g_iteration_protocol)', async () => {
    await inContext(() => {
      g.name = 'Ada'
      g.count = 42
      expect('name' in g).toBe(true)
      expect('names' in g).toBe(false)
      expect(Object.keys(g).sort()).toEqual(['count', 'name'])
      const names = []
      for (const name in g) names.push(name)
      expect(names.sort()).toEqual(['count', 'name'])
    })
  })

  test('can be printed outside of a context, but not used (test_basic.py::test_request_locals)', () => {
    expect(inspect(g)).toBe('[g outside of a request]')
    expect(() => g.name).toThrow(/g was used outside of a request/)
    expect(() => 'name' in g).toThrow(/g was used outside of a request/)
  })
})
