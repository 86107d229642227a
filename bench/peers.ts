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
  /** Why its instructions can't be counted. */
  readonly uncountable?: string
  /** Whether it runs on Debian's Python. */
  readonly python?: true
}

/** The reason that most servers share. */
export const NOT_ASKED = 'asked of Koa with koa-session, and of flaskoa'
/** The workload `input` needs a schema of the server's own, or of zod. */
const NO_SCHEMA = 'asked of Fastify with its own schema, of Koa with zod, and of flaskoa'
const withSchema = { 'session-untouched': NOT_ASKED }
const notAsked = { ...withSchema, input: NO_SCHEMA }

export const peers: readonly Peer[] = [
  {
    name: 'node-http',
    title: 'raw node:http',
    imports: ['node:http'],
    without: { ...notAsked, session: 'Node has no sessions' },
  },
  { name: 'koa', title: 'Koa by hand', package: 'koa', imports: ['koa'] },
  { name: 'flaskoa', title: 'flaskoa', imports: ['flaskoa'] },
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
    without: notAsked,
  },
  { name: 'fastify', title: 'Fastify', package: 'fastify', imports: ['fastify'], without: withSchema },
  { name: 'hono', title: 'Hono', package: 'hono', imports: ['hono', '@hono/node-server'], without: notAsked },
  {
    name: 'nest-fastify',
    title: 'Nest on fastify',
    package: '@nestjs/core',
    imports: ['@nestjs/core', '@nestjs/common', '@nestjs/platform-fastify'],
    without: notAsked,
  },
  {
    name: 'nest-express',
    title: 'Nest on express',
    package: '@nestjs/core',
    imports: ['@nestjs/core', '@nestjs/common', '@nestjs/platform-express'],
    without: notAsked,
  },
  {
    name: 'midway',
    title: 'Midway (Koa)',
    package: '@midwayjs/koa',
    imports: ['@midwayjs/bootstrap', '@midwayjs/core', '@midwayjs/koa'],
    without: notAsked,
  },
  {
    name: 'tsed',
    title: 'Ts.ED (Koa)',
    package: '@tsed/platform-koa',
    imports: ['@tsed/common', '@tsed/platform-koa'],
    without: notAsked,
  },
  {
    name: 'flask',
    title: 'Flask under gunicorn',
    imports: ['flask'],
    without: { ...notAsked, 'lifecycle-async': 'one thread per request, nothing to wait for' },
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
  return peer.without?.[workload] === undefined
}
