const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&#39;',
  '"': '&#34;',
}

/**
 * HTML that templates write as it is; every other text is escaped. Its methods are those of a text, and give texts that are not
 * safe.
 *
 * @example return new Markup(`<b>${Markup.escape(name)}</b>`)
 */
export class Markup extends String {
  /** A text as HTML that shows it. A `Markup` stays as it is, and so does what has a method `__html__`. */
  static escape(text: unknown): Markup {
    return new Markup(htmlOf(text) ?? escapeText(String(text)))
  }

  /** The text itself. */
  get html(): string {
    return this.toString()
  }
}

/** Replaces the five characters that HTML gives a meaning to. */
export const escapeText = (text: string): string => text.replace(/[&<>'"]/g, character => ENTITIES[character] as string)

/** The HTML of a Markup, and of an object of another library that has the method `__html__`; else `undefined`. */
export function htmlOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (value instanceof Markup) return value.html
  const { __html__: html } = value as { __html__?: unknown }
  return typeof html === 'function' ? String(html.call(value)) : undefined
}
