import type { INestApplication } from '@nestjs/common'
import { ExpressAdapter } from '@nestjs/platform-express'
import { nest } from './nest'
import { SECRET } from './support'

nest({
  adapter: () => new ExpressAdapter(),
  addSession: (app: INestApplication) => app.use(require('cookie-session')({ keys: [SECRET] })),
  visit(session: { visits?: number }) {
    session.visits = (session.visits ?? 0) + 1
    return session.visits
  },
})
