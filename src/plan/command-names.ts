/** The commands of flaskoa itself, which no application can have. */
export const COMMAND_NAMES: readonly string[] = ['routes', 'explain', 'lock', 'openapi', 'shell', 'dev', 'serve']
