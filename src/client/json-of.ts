/** What a client gets of a value that was sent as JSON: a `Date` is a text, a method is left out. */
export type JsonOf<T> = unknown extends T
  ? T
  : T extends string | number | boolean | null
    ? T
    : T extends { toJSON(): infer Json }
      ? JsonOf<Json>
      : T extends NoJson
        ? undefined
        : T extends readonly unknown[]
          ? { [Index in keyof T]: ItemOf<T[Index]> }
          : T extends ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>
            ? Record<never, never>
            : T extends object
              ? JsonObject<T>
              : never // a bigint: JSON.stringify throws

type NoJson = undefined | symbol | ((...args: never) => unknown)

/** In a list, what JSON can't express is `null`. */
type ItemOf<T> = T extends NoJson ? null : JsonOf<T>

/** The properties that may be absent are those that may be `undefined`. In one object type, which compilers print as such. */
type JsonObject<T> = {
  [Name in keyof T as PropertyOf<Name, T[Name]>]: JsonOf<T[Name]>
} & {
  [Name in keyof T as Undefinable<Name, T[Name]>]?: JsonOf<Exclude<T[Name], NoJson>>
} extends infer All
  ? { [Name in keyof All]: All[Name] }
  : never

type PropertyOf<Name, Value> = Name extends string | number
  ? Extract<Value, NoJson> extends never
    ? Name
    : unknown extends Value
      ? Name
      : never
  : never

type Undefinable<Name, Value> = Name extends string | number
  ? unknown extends Value
    ? never
    : Extract<Value, NoJson> extends never
      ? never
      : Exclude<Value, NoJson> extends never
        ? never
        : Name
  : never
