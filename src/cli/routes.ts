import { UsageError } from './failures'
import { lifecyclesOf, type RouteFacts } from '../inspect/route-facts'
import { inOrderOf, ORDERS, type Order } from '../inspect/route-order'
import type { Call, Command } from './command'
import { routeJson } from './facts-json'
import { Locator } from './locate'
import { table } from './table'

export const routes: Command = {
  name: 'routes',
  args: '',
  summary: 'lists each rule with its methods, endpoint, view and number of hooks',
  help: 'Lists the routes of the application. HEAD, which comes with GET, and the automatic OPTIONS are left out.',
  options: {
    sort: { type: 'string', value: 'ORDER', help: `${ORDERS.join(', ')} (the order of the router). Default: endpoint` },
    'all-methods': { type: 'boolean', help: 'show HEAD and OPTIONS as well' },
    json: { type: 'boolean', help: 'everything that is known of each route, as JSON' },
  },
  examples: [
    ['flaskoa routes', 'the routes by their endpoints'],
    ['flaskoa routes --sort match', 'which rule the router tries first'],
    ["flaskoa routes --json | jq '.[].rule'", 'for other programs'],
  ],
  async run(call) {
    const order = orderOf(call.values.sort)
    const { app } = await call.load()
    const facts = lifecyclesOf(app, 'flaskoa routes').flatMap(lifecycle => inOrderOf(lifecycle.routes, order))
    call.io.stdout.write(call.values.json === true ? jsonText(facts, call) : tableText(facts, call))
    return 0
  },
}

function orderOf(given: unknown = 'endpoint'): Order {
  const order = ORDERS.find(each => each === given)
  if (order === undefined) throw new UsageError(`--sort must be one of ${ORDERS.join(', ')}, not '${String(given)}'.`)
  return order
}

function jsonText(facts: readonly RouteFacts[], { io }: Call): string {
  const locator = new Locator()
  try {
    return `${JSON.stringify(
      facts.map(each => routeJson(each, locator, io.cwd)),
      null,
      2,
    )}\n`
  } finally {
    locator.close()
  }
}

function tableText(facts: readonly RouteFacts[], { colours, values }: Call): string {
  if (facts.length === 0) return 'The application has no routes.\n'
  const all = values['all-methods'] === true
  const rows = facts.map(route => [
    (all ? route.methods : route.ownMethods).join(', '),
    route.rule,
    route.endpoint,
    route.view.name,
    String(hooksOf(route)),
  ])
  const [head, ...lines] = table([['Methods', 'Rule', 'Endpoint', 'View', 'Hooks'], ...rows])
  return `${[colours.bold(head as string), ...lines].join('\n')}\n`
}

/** How many methods run around the view. */
const hooksOf = ({ preprocessors, before, after, teardown, afterResponse }: RouteFacts): number =>
  [preprocessors, before, after, teardown, afterResponse].reduce((sum, { length }) => sum + length, 0)
