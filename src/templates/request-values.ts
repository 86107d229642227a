import type { UploadedFile } from '../input/uploaded-file'

/** Values by name, which templates read as Python's dictionaries. */
export class Dictionary {
  constructor(
    private readonly names: readonly string[],
    private readonly read: (name: string) => unknown,
  ) {}

  get(name: unknown): unknown {
    return this.read(String(name))
  }

  has(name: unknown): boolean {
    return this.get(name) !== undefined
  }

  keys(): readonly string[] {
    return this.names
  }
}

/** Flask's `request.user_agent`: prints as the field itself. */
export class UserAgent {
  constructor(readonly string: string) {}

  toString(): string {
    return this.string
  }
}

/** Flask's `request.url_rule`: prints as the rule itself. */
export class UrlRule {
  constructor(
    readonly rule: string,
    readonly endpoint: string | undefined,
  ) {}

  toString(): string {
    return this.rule
  }
}

/** A file of `request.files`, by Flask's names. */
export class TemplateFile {
  readonly filename: string
  readonly content_type: string
  readonly mimetype: string
  readonly size: number

  constructor(
    /** That of its field. */
    readonly name: string,
    { name: filename, type, size }: UploadedFile,
  ) {
    this.filename = filename
    this.content_type = type
    this.mimetype = type.replace(/;.*/s, '').trim()
    this.size = size
  }

  toString(): string {
    return `<FileStorage: '${this.filename}' ('${this.content_type}')>`
  }
}
