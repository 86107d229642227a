import type { INestApplication } from '@nestjs/common'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { nest } from './nest'
import { SECRET } from './support'

interface Session {
  get(name: 'visits'): number | undefined
  set(name: 'visits', value: number): void
}

nest({
  adapter: () => new FastifyAdapter(),
  addSession: (app: INestApplication) =>
    (app as NestFastifyApplication).register(require('@fastify/secure-session'), { key: Buffer.from(SECRET) }),
  visit(session: Session) {
    const visits = (session.get('visits') ?? 0) + 1
    session.set('visits', visits)
    return visits
  },
})
