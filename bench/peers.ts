/** The servers that are measured. */
export interface Peer {
  readonly name: string
  readonly title: string
  /** The package whose version is shown. Without it the server uses the runtime alone. */
  readonly package?: string
  /** The modules that an application imports, to measure how long that takes. */
  readonly imports: readonly string[]
  /** Workloads that it can't run in a comparable way, each with the reason. */
  readonly without?: Readonly<Record<string, string>>
  /** The workloads that it is measured in, where the others would show nothing new. */
  readonly only?: RegExp
  /** Why its instructions can't be counted. */
  readonly uncountable?: string
  /** Whether it runs on Debian's Python. */
  readonly python?: true
}

/** The reasons that many servers share name the servers that were asked. */
const BY_SESSION = 'asked of Koa with koa-session, and of flaskoa'
/** The workload `input` needs a schema of the server's own, or of zod. */
const BY_SCHEMA = 'asked of Fastify with its own schema, of Koa with zod, and of flaskoa'
const BY_DAILY_WORK = 'asked of Node, Koa, Fastify, Hono and flaskoa'

const withSchema = { 'session-untouched': BY_SESSION }
const notAsked = { ...withSchema, input: BY_SCHEMA }
const few = {
  ...notAsked,
  'lifecycle-awaits': BY_DAILY_WORK,
  http2: BY_DAILY_WORK,
  'async-hooks-8': BY_DAILY_WORK,
  'session-read': BY_DAILY_WORK,
  'stream-64k': BY_DAILY_WORK,
  abort: BY_DAILY_WORK,
  'not-found': BY_DAILY_WORK,
}
const NO_SESSION = 'Node has no sessions'

export const peers: readonly Peer[] = [
  {
    name: 'node-http',
    title: 'raw node:http',
    imports: ['node:http'],
    without: {
      ...notAsked,
      session: NO_SESSION,
      'session-read': NO_SESSION,
      abort: 'Node has no errors with a status',
      'not-found': 'Node has no routes',
    },
  },
  { name: 'koa', title: 'Koa by hand', package: 'koa', imports: ['koa'] },
  { name: 'flaskoa', title: 'flaskoa', imports: ['flaskoa'] },
  {
    name: 'flaskoa-no-async-context',
    title: 'flaskoa, asyncContext: false',
    imports: ['flaskoa'],
    only: /^(lifecycle|(async-)?hooks-)/,
  },
  { name: 'flaskoa-on-koa', title: 'flaskoa in a Koa application', imports: ['koa', 'flaskoa'] },
  {
    name: 'koa-router',
    title: 'Koa + @koa/router',
    package: '@koa/router',
    imports: ['koa', '@koa/router'],
    without: notAsked,
  },
  {
    name: 'routing-controllers',
    title: 'routing-controllers',
    package: 'routing-controllers',
    imports: ['koa', 'routing-controllers'],
    without: few,
  },
  { name: 'fastify', title: 'Fastify', package: 'fastify', imports: ['fastify'], without: withSchema },
  { name: 'hono', title: 'Hono', package: 'hono', imports: ['hono', '@hono/node-server'], without: notAsked },
  {
    name: 'nest-fastify',
    title: 'Nest on fastify',
    package: '@nestjs/core',
    imports: ['@nestjs/core', '@nestjs/common', '@nestjs/platform-fastify'],
    without: few,
  },
  {
    name: 'nest-express',
    title: 'Nest on express',
    package: '@nestjs/core',
    imports: ['@nestjs/core', '@nestjs/common', '@nestjs/platform-express'],
    without: few,
  },
  {
    name: 'midway',
    title: 'Midway (Koa)',
    package: '@midwayjs/koa',
    imports: ['@midwayjs/bootstrap', '@midwayjs/core', '@midwayjs/koa'],
    without: few,
  },
  {
    name: 'tsed',
    title: 'Ts.ED (Koa)',
    package: '@tsed/platform-koa',
    imports: ['@tsed/common', '@tsed/platform-koa'],
    without: few,
  },
  {
    name: 'flask',
    title: 'Flask under gunicorn',
    imports: ['flask'],
    without: { ...few, 'lifecycle-async': 'one thread per request, nothing to wait for' },
    uncountable: 'callgrind can not be switched on in a process that gunicorn forked',
    python: true,
  },
]

/** The server that all ratios refer to. */
export const BASELINE = 'koa'

export function peersNamed(names: readonly string[] | undefined): readonly Peer[] {
  const unknown = names?.filter(name => peers.every(peer => peer.name !== name)) ?? []
  if (unknown.length > 0) throw new Error(`no server ${unknown.join(', ')}: ${peers.map(peer => peer.name).join(', ')}`)
  return names === undefined ? peers : peers.filter(({ name }) => names.includes(name))
}

export function can(peer: Peer, workload: string): boolean {
  return whyNot(peer, workload) === undefined
}

/** The reason for which a server is not measured in a workload. */
export function whyNot({ only = /./, without = {} }: Peer, workload: string): string | undefined {
  return only.test(workload) ? without[workload] : 'asked where methods are called, and little else'
}
