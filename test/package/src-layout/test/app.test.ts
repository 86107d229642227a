import { testClient } from 'flaskoa/testing'
import { app } from '../src/app.js'

test('the application works', async () => {
  const response = await testClient(app).get('/users/5')
  expect(response.text).toBe('{"id":5,"path":"/users/5"}')
})
