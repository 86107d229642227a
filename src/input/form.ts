import { MultiDict } from './multi-dict'
import { UploadedFile } from './uploaded-file'

/** A field, or a file, of a form. */
export type FormEntry = readonly [name: string, value: string | UploadedFile]

/** What `request.form()` gives: the fields of a form, and its files. */
export class Form extends MultiDict {
  /** The files by the names of their fields: Flask's `request.files`. */
  readonly files: MultiDict<UploadedFile>

  constructor(entries: Iterable<FormEntry>) {
    const pairs = [...entries]
    super(pairs.filter((pair): pair is readonly [string, string] => typeof pair[1] === 'string'))
    this.files = new MultiDict(
      pairs.filter((pair): pair is readonly [string, UploadedFile] => pair[1] instanceof UploadedFile),
    )
  }
}
