// errors.ts: the errors a person can act on
//
// Every error that tiltlab raises on purpose extends TiltlabError. Its message is one or two sentences:
// what is wrong, where (a field, a file), and what to do now. Anything else that is thrown is a bug.

/** Base of all errors whose message is meant for a person. */
export class TiltlabError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
  }
}

/** A value in a configuration or an input document is not acceptable. The message starts with the path of the field. */
export class ConfigError extends TiltlabError {
  /**
   * @param field  path of the offending field, such as `config.clip.low`
   * @param problem what was expected and what was found, such as `expected a number ≥ 0, got "a"`
   */
  constructor(
    readonly field: string,
    problem: string,
  ) {
    super(`${field}: ${problem}`)
  }
}

/** A model file is missing, malformed or of a kind that tiltlab does not read. */
export class ModelFileError extends TiltlabError {
  /**
   * @param file   name of the file or folder at fault
   * @param problem what is wrong with it and what to do about it
   */
  constructor(
    readonly file: string,
    problem: string,
  ) {
    super(`${file}: ${problem}`)
  }
}

/** A data file is missing, malformed or not of a format that tiltlab reads; the message starts with the file and the place. */
export class DataFileError extends TiltlabError {
  /**
   * @param file    name of the file
   * @param problem what is wrong with it and what to do about it
   * @param place   where in the file, such as `line 12`; empty for the file as a whole
   */
  constructor(
    readonly file: string,
    problem: string,
    readonly place = '',
  ) {
    super(place === '' ? `${file}: ${problem}` : `${file} ${place}: ${problem}`)
  }
}

/** The person (or the host) asked for the work to stop; nothing is wrong. */
export class CancelledError extends TiltlabError {
  constructor(what: string) {
    super(`${what} was cancelled.`)
  }
}

/** What was thrown, in words: whatever it was. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
