/**
 * Headers as people type them: `ipv6,ppp,rohc`. Each word changes one thing and leaves the others as the link has them.
 */
import { LinkError } from "./error.ts";
import { FRAMING_NAMES, type HeadersSpec } from "./headers.ts";
import { suggestion } from "./nearest.ts";

const WORDS: Readonly<Record<string, HeadersSpec>> = {
  ipv4: { ip: 4 },
  ipv6: { ip: 6 },
  ...Object.fromEntries(FRAMING_NAMES.filter(name => name !== "none").map(name => [name, { framing: name }])),
  unframed: { framing: "none" },
  rohc: { rohc: true },
  "no-rohc": { rohc: false },
  timestamps: { timestamps: true },
  "no-timestamps": { timestamps: false },
};

/** The words that there are. */
export const HEADER_WORDS = Object.keys(WORDS);

/** The headers that `text`, words separated by commas, makes of `headers`. Throws LinkError. */
export function parseHeaders(text: string, field: string, headers: HeadersSpec = {}): HeadersSpec {
  const changed = { ...headers };
  const said = new Map<string, string>();
  for (const word of text.split(",").map(each => each.trim().toLowerCase())) {
    const change = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
    if (change === undefined) {
      const near = suggestion(word, HEADER_WORDS) || `; there are ${HEADER_WORDS.join(", ")}`;
      throw new LinkError(`${field}: there is no header "${word}"${near}`);
    }
    const [what] = Object.keys(change);
    const before = said.get(what);
    if (before !== undefined && before !== word) {
      throw new LinkError(`${field}: "${before}" and "${word}" exclude each other`);
    }
    said.set(what, word);
    Object.assign(changed, change);
  }
  return changed;
}
