/**
 * Messages on a stream (RFC 1035, section 4.2.2; RFC 7766, section 8):
 *
 *     │ length, 2 octets │ message │ length │ message │ …        a message may come in any number of pieces
 *
 * What is held of an unfinished message is bounded by its length, 65,535 octets.
 */
import { readUint16 } from '../wire/octets.js';

const LENGTH_OCTETS = 2;

export class FrameReader {
  #pieces: Uint8Array[] = [];
  #held = 0;

  /** Takes what came and returns the messages that are whole now, each in octets of its own. */
  push(piece: Uint8Array): Uint8Array[] {
    this.#pieces.push(piece);
    this.#held += piece.length;
    if (this.#held < this.#wanted()) return [];
    const bytes = this.#joined();
    const messages: Uint8Array[] = [];
    let at = 0;
    for (;;) {
      const start = at + LENGTH_OCTETS;
      const end = start + readUint16(bytes, at);
      if (start > bytes.length || end > bytes.length) break;
      messages.push(bytes.slice(start, end));
      at = end;
    }
    this.#pieces = at === bytes.length ? [] : [bytes.slice(at)];
    this.#held = bytes.length - at;
    return messages;
  }

  /** Octets until the message that has begun is whole; the length counts, too. */
  #wanted(): number {
    const [first = new Uint8Array(), second] = this.#pieces;
    const high = first[0] ?? 0;
    const low = first.length > 1 ? first[1] : second?.[0];
    return low === undefined ? LENGTH_OCTETS : LENGTH_OCTETS + ((high << 8) | low);
  }

  #joined(): Uint8Array {
    const [only] = this.#pieces;
    if (this.#pieces.length === 1 && only !== undefined) return only;
    const bytes = new Uint8Array(this.#held);
    let at = 0;
    for (const piece of this.#pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }
}

/** Length and message in one piece: some servers take a message whose length comes in a packet of its own for none. */
export function frame(message: Uint8Array): Uint8Array {
  const framed = new Uint8Array(LENGTH_OCTETS + message.length);
  framed[0] = message.length >>> 8;
  framed[1] = message.length;
  framed.set(message, LENGTH_OCTETS);
  return framed;
}
