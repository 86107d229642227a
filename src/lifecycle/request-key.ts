/** On a `ctx` that a lifecycle has had: its request in the lifecycle that came last. A WeakMap costs each request more. */
export const REQUEST = Symbol('flaskoa:request')
