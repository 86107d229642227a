import { expect, test } from 'vitest'

test('the application works', async () => {
  expect(await import('./app.js')).toBeDefined()
})
