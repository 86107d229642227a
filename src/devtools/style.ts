/** The style of the page: light and dark, wide and narrow. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --text: #1d2430; --soft: #5b6676; --ground: #f6f7f9; --paper: #fff; --line: #dde1e7;
  --red: #b3261e; --pink: #fdecea; --blue: #2f6feb; --mono: ui-monospace, 'SFMono-Regular', Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e3e7ee; --soft: #98a3b3; --ground: #12161c; --paper: #1a1f27; --line: #2e3641;
    --red: #ff8a80; --pink: #43211f; --blue: #6ea8fe;
  }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
main { max-width: 68rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; display: flow-root }
header, section { background: var(--paper); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem 1.25rem; margin: 0 0 1rem }
header { border-top: 4px solid var(--red) }
h1 { font-size: 1.5rem; line-height: 1.3; margin: .25rem 0; color: var(--red) }
h2 { font-size: 1.05rem; margin: 0 0 .75rem }
p { margin: 0 0 .5rem }
.error > p { white-space: pre-wrap; font-size: 1.1rem }
.where { font: .85rem var(--mono); color: var(--soft) }
code, pre, b { font-family: var(--mono); font-size: .85rem }
pre { margin: 0; padding: .75rem; overflow-x: auto; overflow-wrap: normal; line-height: 1.55 }
summary { cursor: pointer; padding: .4rem .25rem }
.frame { border: 1px solid var(--line); border-radius: .375rem; margin: 0 0 .5rem; background: var(--paper) }
div.frame { padding: .4rem .6rem }
.frame summary { padding: .4rem .6rem }
.frame code, .folded code { color: var(--soft) }
.source { border-top: 1px solid var(--line); tab-size: 2 }
.source > * { display: inline-block; min-width: 100% }
.number { display: inline-block; min-width: 3ch; text-align: right; color: var(--soft); user-select: none; margin-right: 1ch }
mark { background: var(--pink); color: inherit; box-shadow: inset 3px 0 var(--red) }
.folded { color: var(--soft); font-size: .9rem; margin: 0 0 .5rem }
.folded ol { margin: .25rem 0; padding-left: 1.5rem; list-style: none }
.folded b { font-weight: normal }
table { border-collapse: collapse; width: 100%; font-size: .9rem }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-top: 1px solid var(--line) }
tr:first-child > * { border-top: 0 }
th { font-weight: 500 }
.values th { width: 14rem; color: var(--soft) }
.values code { white-space: pre-wrap }
.rules th { color: var(--soft) }
.lifecycle th { white-space: nowrap; font-family: var(--mono); font-size: .85rem }
.stage { color: var(--soft); white-space: nowrap }
.bar { width: 24% }
.bar svg { display: block; width: 100%; height: .6rem; margin-top: .4rem; background: var(--ground); border-radius: 2px; fill: var(--blue) }
.time { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
.threw .bar svg { fill: var(--red) }
.threw td:last-child { color: var(--red) }
.skipped > * { color: var(--soft) }
.skipped th { font-weight: normal }
.why { font-style: italic }
@media (max-width: 44rem) {
  main { padding: .5rem .5rem 3rem }
  header, section { padding: .75rem; border-radius: .375rem }
  .lifecycle tr, .values tr, .rules tr { display: flex; flex-wrap: wrap; gap: 0 .5rem; padding: .4rem 0; border-top: 1px solid var(--line) }
  .lifecycle tr:first-child, .values tr:first-child { border-top: 0 }
  .lifecycle tr > *, .values tr > *, .rules tr > * { border: 0; padding: 0 }
  .lifecycle td:last-child, .bar { width: 100% }
  .lifecycle th { white-space: normal }
  .time { margin-left: auto }
  .bar { order: 1 }
  .lifecycle td:last-child { order: 2 }
  .values th, .rules td { width: 100% }
  .rules th { display: none }
}
`
