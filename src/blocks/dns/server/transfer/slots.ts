/**
 * How many zones are sent at once. Each transfer holds a connection to the file and keeps its write-ahead log from being
 * emptied, for as long as its peer takes.
 */

/** As BIND's transfers-out. A peer that is refused asks again after its retry interval. */
const MOST = 10;
/** So that one peer cannot take all of them. */
const MOST_PER_PEER = 4;

export class TransferSlots {
  readonly #byPeer = new Map<string, number>();
  #taken = 0;

  get taken(): number {
    return this.#taken;
  }

  hasRoom(peer: string): boolean {
    return this.#taken < MOST && (this.#byPeer.get(peer) ?? 0) < MOST_PER_PEER;
  }

  /** Returns what gives the slot back; calling that again does nothing. */
  take(peer: string): () => void {
    this.#taken++;
    this.#byPeer.set(peer, (this.#byPeer.get(peer) ?? 0) + 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#taken--;
      const left = (this.#byPeer.get(peer) ?? 1) - 1;
      if (left === 0) this.#byPeer.delete(peer);
      else this.#byPeer.set(peer, left);
    };
  }
}
