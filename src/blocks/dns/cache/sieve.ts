/**
 * Which entry goes when there is no room: SIEVE (Zhang et al., NSDI 2024), which keeps what is asked for as well as LRU does,
 * or better, and moves nothing when it is.
 *
 *     newest ─▶ f ─ e ─ d* ─ c ─ b* ─ a ◀─ oldest            * asked for since the hand passed
 *                            ◀── hand
 *
 * The hand goes from the oldest to the newest: it clears the mark of what was asked for and passes, and stops at the first
 * without a mark, which goes. New ones come in at the other end: what is asked for only once goes soon.
 */
export interface SieveNode<Self> {
  visited: boolean;
  newer: Self | undefined;
  older: Self | undefined;
}

export class Sieve<Node extends SieveNode<Node>> {
  #newest: Node | undefined;
  #oldest: Node | undefined;
  #hand: Node | undefined;

  add(node: Node): void {
    node.older = this.#newest;
    node.newer = undefined;
    if (this.#newest === undefined) this.#oldest = node;
    else this.#newest.newer = node;
    this.#newest = node;
  }

  remove(node: Node): void {
    if (this.#hand === node) this.#hand = node.newer;
    if (node.newer === undefined) this.#newest = node.older;
    else node.newer.older = node.older;
    if (node.older === undefined) this.#oldest = node.newer;
    else node.older.newer = node.newer;
    node.newer = undefined;
    node.older = undefined;
  }

  /** The one that has to go next; still in the list. Undefined when there is none. */
  victim(): Node | undefined {
    let node = this.#hand ?? this.#oldest;
    while (node?.visited) {
      node.visited = false;
      node = node.newer ?? this.#oldest;
    }
    this.#hand = node;
    return node;
  }
}
