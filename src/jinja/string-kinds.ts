import { methodTable } from './methods'

const is = (pattern: RegExp) => (text: string) => pattern.test(text)
/** Whether a text is a name that templates can write. */
export const isName = is(/^[\p{L}_][\p{L}\p{N}_]*$/u)
const letters = (text: string) => text.match(/\p{L}/gu) ?? []

/** The methods of Python's texts that say what is in them. */
export const kindMethods = methodTable({
  isalnum: is(/^[\p{L}\p{N}]+$/u),
  isalpha: is(/^\p{L}+$/u),
  isascii: (text: string) => [...text].every(character => character <= '\x7f'),
  isdecimal: is(/^\p{Nd}+$/u),
  isdigit: is(/^[\p{Nd}²³¹\u2070\u2074-\u2079\u2080-\u2089]+$/u),
  isidentifier: isName,
  islower: (text: string) => letters(text).length > 0 && text === text.toLowerCase(),
  isnumeric: is(/^\p{N}+$/u),
  isprintable: is(/^[^\p{C}\p{Zl}\p{Zp}\s]*(?: [^\p{C}\p{Zl}\p{Zp}\s]*)*$/u),
  isspace: is(/^\s+$/),
  istitle: (text: string) => letters(text).length > 0 && text === titled(text),
  isupper: (text: string) => letters(text).length > 0 && text === text.toUpperCase(),
})

/** `'Hello World'` */
export const titled = (text: string) => text.toLowerCase().replace(/(?<!\p{L})\p{L}/gu, letter => letter.toUpperCase())
