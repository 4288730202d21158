/**
 * The one error of a link that cannot be: a message of one line that says which field breaks which rule.
 */
export class LinkError extends Error {
  override name = "LinkError";
}
