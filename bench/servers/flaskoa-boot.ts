// Prints the milliseconds that bootstrap takes for COUNT controllers, in a process of its own.
import type * as Flaskoa from 'flaskoa'
import { flaskoa, define } from './flaskoa-module'

const { BeforeRequest, Blueprint, Get, Post, bootstrap } = flaskoa

function controller(index: number): new () => object {
  class Controller {}
  define(Controller, 'before', BeforeRequest(), () => undefined)
  define(Controller, 'list', Get('/'), () => [])
  define(Controller, 'create', Post('/'), () => ({}))
  define(Controller, 'show', Get('/<int:id>'), ({ id }: { id: number }) => ({ id }))
  define(Controller, 'rename', Post('/<int:id>/name'), ({ id }: { id: number }) => ({ id }))
  Blueprint(`/c${index}`, { name: `c${index}` })(Controller)
  return Controller
}

class App {}
const blueprints: Flaskoa.BootstrapOptions['blueprints'] = Array.from(
  { length: Number(process.env.COUNT) },
  (_, index) => controller(index),
)

const start = performance.now()
bootstrap(App, { blueprints }).callback()
console.log(performance.now() - start)
