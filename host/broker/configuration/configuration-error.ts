/** A line of a file that cannot be obeyed: where it stands and what was expected. Always one line of text. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";

  constructor(place: { path: string; line: number } | null, detail: string) {
    super(place === null ? detail : `${place.path}:${place.line}: ${detail}`);
  }
}
