import escapeHtml from 'escape-html'
import type { OpenApiOptions } from './options'

/** The page that shows a document. Its URLs are relative, so that it works behind any prefix. */
export function pageOf(title: string, document: string, assets: string): string {
  const [name, at, base] = [title, document, assets].map(escapeHtml) as [string, string, string]
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${name}</title>
    <link rel="icon" type="image/png" href="${base}/favicon-32x32.png">
    <link rel="stylesheet" href="${base}/swagger-ui.css">
    <link rel="stylesheet" href="${base}/index.css">
  </head>
  <body>
    <div id="swagger-ui" data-document="${at}"></div>
    <script src="${base}/swagger-ui-bundle.js"></script>
    <script src="${base}/start.js"></script>
  </body>
</html>
`
}

/** Allows the page nothing but its own files, and requests to the servers of the document. */
export function policyOf({ servers = [] }: OpenApiOptions): string {
  const origins = servers.flatMap(({ url }) =>
    /^https?:/i.test(url) && URL.canParse(url) ? [new URL(url).origin] : [],
  )
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src ${["'self'", ...new Set(origins)].join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** `('/docs', '/openapi.json')` → `'openapi.json'`: where a page finds another one of the same blueprint. */
export function relativeUrl(from: string, to: string): string {
  const here = from.split('/').slice(1, -1)
  const there = to.split('/').slice(1)
  while (here.length > 0 && there.length > 1 && here[0] === there[0]) {
    here.shift()
    there.shift()
  }
  const path = [...here.map(() => '..'), ...there.map(encodeURIComponent)].join('/')
  return path === '' || here.length === 0 ? `./${path}` : path
}
