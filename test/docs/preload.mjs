// Loaded before an example: a server listens on a free port of 127.0.0.1, whatever its program says, and reports it.
import net from 'node:net'

const { listen } = net.Server.prototype

net.Server.prototype.listen = function (...args) {
  this.once('listening', () => process.send?.({ port: this.address().port }))
  return listen.call(this, 0, '127.0.0.1', ...args.filter(each => typeof each === 'function'))
}
