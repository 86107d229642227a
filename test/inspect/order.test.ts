import { Get, Route, bootstrap } from 'flaskoa'
import { lifecyclesOf } from '../../src/inspect/route-facts'
import { inOrderOf } from '../../src/inspect/route-order'

class App {
  @Get('/<name>') byName() {
    return ''
  }
  @Get('/b/c') deep() {
    return ''
  }
  @Get('/<int:id>') byId() {
    return ''
  }
  @Get('/v<name>') suffix() {
    return ''
  }
  @Get('/u<name>') other() {
    return ''
  }
  @Get('/b') b() {
    return ''
  }
  @Get('/a') a() {
    return ''
  }
  @Route('/a', { methods: ['POST'] }) postA() {
    return ''
  }
}

test('match is the order in which the router tries rules', () => {
  const routes = lifecyclesOf(bootstrap(App), 'the test').flatMap(each => each.routes)
  const expected = ['/a', '/a', '/b', '/b/c', '/u<name>', '/v<name>', '/<int:id>', '/<name>']
  const rules = (given: typeof routes) => inOrderOf(given, 'match').map(({ rule }) => rule)
  expect(rules(routes)).toEqual(expected)
  expect(rules(routes.toReversed())).toEqual(expected)
})
