// A process that runs one example after another, so that Node and flaskoa are loaded once and not for each of them.
import { pathToFileURL } from 'node:url'
import { servers } from './listening.mjs'

process.on('message', async ({ file }) => {
  if (file === undefined) return stop()
  try {
    await import(pathToFileURL(file).href)
    process.send({ status: 0 })
  } catch (error) {
    fail(error)
  }
})
process.on('uncaughtException', fail)

function fail(error) {
  process.stderr.write(`${error.stack}\n`, () => process.send({ status: 1 }))
}

async function stop() {
  const closed = [...servers].map(server => new Promise(resolve => server.close(resolve)))
  for (const server of servers) server.closeAllConnections?.()
  await Promise.all(closed)
  process.send({ stopped: true })
}
