import { domainToASCII } from 'node:url'

/** Makes the check of the option `trustedHosts`: whether a host, with any port, is in the list. */
export function trustedHosts(names: readonly string[]): (host: string) => boolean {
  const exact = new Set(names.map(name => asSent(name.replace(/^\./, ''))))
  const endings = names.filter(name => name.startsWith('.')).map(name => `.${asSent(name.slice(1))}`)
  return host => {
    const name = host.replace(/:\d*$/, '').toLowerCase()
    return exact.has(name) || endings.some(ending => name.endsWith(ending))
  }
}

/** A name as clients send it, in lower case and in ASCII. */
const asSent = (name: string): string => domainToASCII(name) || name.toLowerCase()
