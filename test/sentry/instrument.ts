import * as Sentry from '@sentry/node'
import { transport } from './transport'

Sentry.init({
  dsn: process.env.SENTRY_DSN ?? 'https://key@127.0.0.1/1',
  tracesSampleRate: 1,
  transport,
})
