/** When a method runs. */
export type MethodStage =
  | 'beforeFirst'
  | 'preprocessor'
  | 'before'
  | 'input'
  | 'view'
  | 'errorHandler'
  | 'after'
  | 'teardown'
  | 'teardownAppContext'
  | 'afterResponse'
  | 'onStart'
  | 'onShutdown'
  | 'urlDefaults'
  | 'urlBuildError'
  | 'command'

/** Returns a function that does what `fn` does, and is watched. */
export type Watch = <F extends (...args: never[]) => unknown>(fn: F, stage: MethodStage) => F
