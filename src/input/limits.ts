/** How much a request may send: sizes in bytes, as decoded from the `Content-Encoding`. */
export interface Limits {
  /** A body of JSON, text or a urlencoded form. Default 1 MiB. */
  body?: number
  /** A multipart form as a whole. Default 64 MiB. */
  form?: number
  /** One file of a form. Default 16 MiB. */
  fileSize?: number
  /** One field of a multipart form. Default 64 KiB. */
  fieldSize?: number
  /** The number of files in a form. Default 10. */
  files?: number
  /** The number of fields in a form. Default 1000. */
  fields?: number
  /** Files up to this size stay in memory. Default 0: all files are written to disk. */
  memory?: number
}

export type ResolvedLimits = Readonly<Required<Limits>>

const KIB = 1024
const MIB = 1024 * KIB

export const DEFAULT_LIMITS: ResolvedLimits = Object.freeze({
  body: MIB,
  form: 64 * MIB,
  fileSize: 16 * MIB,
  fieldSize: 64 * KIB,
  files: 10,
  fields: 1000,
  memory: 0,
})

/** Of several places that name a limit, the last counts. An option that is `undefined` was left out. */
export function resolveLimits(...given: readonly (Limits | undefined)[]): ResolvedLimits {
  const limits = { ...DEFAULT_LIMITS }
  for (const name of Object.keys(limits) as (keyof Limits)[]) {
    for (const each of given) limits[name] = each?.[name] ?? limits[name]
  }
  return Object.freeze(limits)
}
