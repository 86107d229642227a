/**
 * Every mistake that set-up refuses, by name. The message of each error names `Class.method`, the rule that is broken
 * and the fix.
 */
type SetupMistake =
  | 'NO_DECORATORS' // a controller class without decorated methods
  | 'NOT_A_CLASS' // something that is not a class in the place of a controller
  | 'NOT_A_METHOD' // a decorator on a static member, a field, an accessor, a #private method or a class
  | 'GENERATOR_METHOD' // a decorator on a generator method whose result nothing iterates over
  | 'BAD_DECORATOR_CALL' // a decorator called with the wrong arguments
  | 'BAD_RULE' // a URL rule that cannot be parsed
  | 'BAD_METHODS' // HTTP methods that are not a list of names that Node can receive
  | 'BAD_ENDPOINT' // an endpoint or blueprint name that is empty or has a dot in it
  | 'BAD_CONVERTER' // a converter of the application with an unusable regex or conversion
  | 'UNKNOWN_CONVERTER' // a rule that names a converter that does not exist
  | 'DUPLICATE_RULE' // two views for the same method and URLs
  | 'DUPLICATE_ENDPOINT' // two views under one endpoint
  | 'DUPLICATE_BLUEPRINT' // two blueprints of the same name
  | 'BAD_BLUEPRINT' // a blueprint that has no @Blueprint, has two, or contains itself
  | 'BAD_ERROR_HANDLER' // an error handler for an unknown code or for something that is not an error class
  | 'BAD_INSTANCE' // a controller that could not be constructed or resolved
  | 'BAD_EXTENSION' // an extension without a name, with the name of another, or with an option that another one gives
  | 'BAD_COMMAND' // a command with an unusable name, one that is in use, or arguments that can't be typed
  | 'BAD_CONFIG' // values of the configuration that are missing or wrong, or a schema of it that can't work
  | 'BAD_OPTION' // an option of bootstrap, of a route or of a blueprint that is unknown or of the wrong type
  | 'DEBUG_IN_PRODUCTION' // debug mode where NODE_ENV is production

/** The `code` of a SetupError: `FLASKOA_` and the name of the mistake, for instance `FLASKOA_DUPLICATE_RULE`. */
export type SetupErrorCode = `FLASKOA_${SetupMistake}`

/**
 * A mistake in the controllers or options. Thrown when decorators are applied, and by `bootstrap` and `lifecycle`;
 * never during a request.
 */
export class SetupError extends Error {
  override readonly name = 'SetupError'
  /** The mistake, for programs. The message may change between versions. */
  readonly code: SetupErrorCode

  constructor(mistake: SetupMistake, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = `FLASKOA_${mistake}`
  }
}
