import { MultiDict } from './multi-dict'

/** What `request.form()` gives: the fields of a form, and its files. */
export class Form extends MultiDict {
  /** The files by the names of their fields: Flask's `request.files`. */
  readonly files: MultiDict<File>

  constructor(entries: Iterable<readonly [string, unknown]>) {
    const pairs = [...entries]
    super(pairs.filter((pair): pair is readonly [string, string] => typeof pair[1] === 'string'))
    this.files = new MultiDict(pairs.filter((pair): pair is readonly [string, File] => pair[1] instanceof File))
  }
}
