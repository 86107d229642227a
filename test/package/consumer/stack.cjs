// Prints the stack of an error that flaskoa throws.
const { bootstrap, decorate, Get } = require('flaskoa')

class AppController {
  index() {}
}
decorate(AppController, { index: Get('no slash') })

try {
  bootstrap(AppController)
} catch (error) {
  console.log(error.stack)
}
