/**
 * Makes the members of a class enumerable where those that they override are. Members of a class are not, those of Koa's and
 * Node's prototypes are, and a member that is not enumerable hides the other one from `for (name in …)`.
 */
export function enumerateLikeParent({ prototype }: { readonly prototype: object }): void {
  const parent = Object.getPrototypeOf(prototype) as object
  const listed = new Set<string>()
  for (const name in parent) listed.add(name)
  for (const name of Object.getOwnPropertyNames(prototype)) {
    if (listed.has(name)) Object.defineProperty(prototype, name, { enumerable: true })
  }
}
