import type { InputLocation } from './validation-error'

/** The HTTP errors that reading and checking the input of each location may have. */
const INPUT_STATUSES: Readonly<Record<InputLocation, readonly number[]>> = {
  body: [400, 413, 415, 422],
  form: [400, 413, 415, 422],
  query: [400, 422],
  headers: [422],
  cookies: [422],
}

/** Those of a route that declares some locations. */
export const inputStatusesOf = (declared: Readonly<Partial<Record<InputLocation, unknown>>>): number[] => [
  ...new Set(
    Object.entries(INPUT_STATUSES).flatMap(([location, statuses]) =>
      declared[location as InputLocation] === undefined ? [] : statuses,
    ),
  ),
]
