import type { Readable, Writable } from 'node:stream'

/**
 * What is used of @fastify/busboy. Its own types are not imported: they add `on(event: 'limit', …)` to every `Readable` of
 * every program that compiles against flaskoa.
 */
export type Busboy = Omit<Writable, 'on'> & {
  on(
    event: 'file',
    take: (name: string | undefined, file: Readable, filename: string, encoding: string, type: string) => void,
  ): Busboy
  on(
    event: 'field',
    take: (name: string | undefined, value: string, isNameCut: boolean, isValueCut: boolean) => void,
  ): Busboy
  on(event: 'filesLimit' | 'fieldsLimit' | 'partsLimit' | 'error' | 'finish', take: () => void): Busboy
}

interface BusboyOptions {
  readonly headers: { readonly 'content-type': string }
  readonly preservePath: boolean
  readonly fileHwm: number
  readonly limits: Readonly<Record<string, number>>
  isPartAFile(name: string | undefined, type: string, filename: string | undefined): boolean
}

/** Loaded with the first form: it takes 30 ms, which an application without forms need not spend. */
export function createBusboy(options: BusboyOptions): Busboy {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- see above
  const { Busboy } = require('@fastify/busboy') as { Busboy: new (options: BusboyOptions) => Busboy }
  return new Busboy(options)
}
