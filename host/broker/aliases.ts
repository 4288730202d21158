/**
 * Topic aliases that the server gives out (3.3.2.3.4): which topics of a connection are worth one.
 *
 * A first PUBLISH with a new alias is three bytes longer, each one after it is shorter by the topic. So aliases are given
 * as long as there are any, and then a topic must outlive another: a hand goes round the table and takes one point from a
 * slot for each topic that finds no place; whoever has none left is replaced. Topics in steady use keep their alias, and
 * those that are over make room. The table is of fixed size and each step is constant.
 */
const MAX_POINTS = 7;

export class AliasTable {
  readonly #aliases = new Map<string, number>();
  readonly #topics: string[] = [""];
  readonly #points: number[] = [0];
  readonly #count: number;
  #hand = 1;

  /** `count` aliases, 1 to 65535. */
  constructor(count: number) {
    this.#count = count;
  }

  /** The alias that the client knows for `topic`, or 0. */
  known(topic: string): number {
    const alias = this.#aliases.get(topic) ?? 0;
    if (alias > 0 && this.#points[alias] < MAX_POINTS) this.#points[alias]++;
    return alias;
  }

  /** A new alias for `topic`, which has none, or 0 when it gets none. `give` must follow once it is really sent. */
  offer(): number {
    if (this.#topics.length <= this.#count) return this.#topics.length;
    const alias = this.#hand;
    this.#hand = alias === this.#count ? 1 : alias + 1;
    if (this.#points[alias] === 0) return alias;
    this.#points[alias]--;
    return 0;
  }

  /** The client is about to learn that `alias` means `topic`. */
  give(alias: number, topic: string): void {
    if (alias < this.#topics.length) this.#aliases.delete(this.#topics[alias]);
    this.#topics[alias] = topic;
    this.#points[alias] = 1;
    this.#aliases.set(topic, alias);
  }
}
