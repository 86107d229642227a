import type Koa from 'koa'

/** What an application without the extension gives as its `config`, whose names would be those of `undefined`. */
export function addMissingConfig(app: Koa): void {
  if ('config' in app) return
  Object.defineProperty(app, 'config', {
    get: () => {
      throw new Error(
        'currentApp().config: the application has no configuration. Add the extension of flaskoa/config: ' +
          'bootstrap(App, { extensions: [config(schema)] }).',
      )
    },
    // An application may put something of its own there.
    set(this: object, value: unknown) {
      Object.defineProperty(this, 'config', { value, writable: true, enumerable: true, configurable: true })
    },
    configurable: true,
  })
}
