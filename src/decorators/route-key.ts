/** Where a decorator for views has its `RouteFacts`, for clients and other programs. */
export const ROUTE = Symbol.for('flaskoa:route')
