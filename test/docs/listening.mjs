// Loaded before an example: its servers listen on a free port of 127.0.0.1, whatever it says, and report the port.
import net from 'node:net'

/** The servers that listen. */
export const servers = new Set()

const { listen } = net.Server.prototype

net.Server.prototype.listen = function (...args) {
  servers.add(this)
  this.once('listening', () => process.send({ port: this.address().port }))
  this.once('close', () => servers.delete(this))
  return listen.call(this, 0, '127.0.0.1', ...args.filter(each => typeof each === 'function'))
}
