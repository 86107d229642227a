import { measureSlowness } from './pace'

/** For jest's `globalSetup`: measures the machine before the first worker starts, which gets the result by environment. */
export default function measure(): void {
  process.env.PACE_SLOWNESS = String(measureSlowness())
}
