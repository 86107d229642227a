import { SetupError } from 'flaskoa'

/** The code and the message of the set-up error that `act` throws; fails if it throws none. */
export function setupError(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    expect(error).toBeInstanceOf(SetupError)
    const { code, message } = error as SetupError
    return `${code} ${message}`
  }
  throw new Error('nothing was thrown')
}
