import { testClient } from 'flaskoa/testing'
import { app } from './app.js'

console.log((await testClient(app).get('/users/5')).text)
