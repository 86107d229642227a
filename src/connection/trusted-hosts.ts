import { domainToASCII } from 'node:url'

/** Makes the check of the option `trustedHosts`: whether a host, with any port, is in the list. */
export function trustedHosts(names: readonly string[]): (host: string) => boolean {
  // As clients send them: in ASCII and in lower case.
  const exact = new Set(names.map(name => domainToASCII(name.replace(/^\./, ''))))
  const endings = names.filter(name => name.startsWith('.')).map(name => `.${domainToASCII(name.slice(1))}`)
  return host => {
    const name = host.replace(/:\d*$/, '').toLowerCase()
    return exact.has(name) || endings.some(ending => name.endsWith(ending))
  }
}
