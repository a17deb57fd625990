/**
 * Channels that can only be removed together, as disjoint sets (union by index, path halving). A channel is one position
 * along one axis of one value; the sets that all of them end in are the units of structured pruning.
 */
export class ChannelUnits {
  readonly #parent: number[] = [];
  readonly #reason: (string | undefined)[] = [];

  /** So many new channels, each a unit of its own. */
  fresh(count: number): number[] {
    const first = this.#parent.length;
    for (let at = 0; at < count; at++) {
      this.#parent.push(first + at);
      this.#reason.push(undefined);
    }
    return Array.from({ length: count }, (_, at) => first + at);
  }

  /** The unit that a channel belongs to, named by one of its channels. */
  unitOf(channel: number): number {
    const parent = this.#parent;
    let at = channel;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  }

  /** Makes two channels members of one unit, which stays when one of theirs had to. */
  unite(left: number, right: number): void {
    const [a, b] = [this.unitOf(left), this.unitOf(right)];
    if (a === b) return;
    const [root, other] = a < b ? [a, b] : [b, a];
    this.#parent[other] = root;
    this.#reason[root] ??= this.#reason[other];
  }

  /** Says that a channel has to stay, and why. The first reason counts. */
  keep(channel: number, reason: string): void {
    const root = this.unitOf(channel);
    this.#reason[root] ??= reason;
  }

  /** Why a channel has to stay; `undefined` where it may go. */
  reasonOf(channel: number): string | undefined {
    return this.#reason[this.unitOf(channel)];
  }
}
