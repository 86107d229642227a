/** The method of a built-in converter that says whether JavaScript has a value for a text that its regex matches. */
export const HOLDS = Symbol('flaskoa:holds')
