// A blueprint that has the name of its class, for bundles: prints the endpoint.
import { Blueprint, Get, bootstrap, request } from 'flaskoa'
import { testClient } from 'flaskoa/testing'

@Blueprint('/users')
class Users {
  @Get('/')
  index() {
    return request.endpoint ?? ''
  }
}

class App {}

console.log((await testClient(bootstrap(App, { blueprints: [Users] })).get('/users/')).text)
