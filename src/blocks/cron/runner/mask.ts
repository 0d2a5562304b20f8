/**
 * Hides secret values in a stream of bytes, however it is cut into pieces: each becomes `***`.
 *
 *     secret  s3cr3t-token        pieces  "… s3cr" | "3t-token …"
 *
 *     "… " goes out, "s3cr" may be the beginning of the secret and is held back; with the next piece it is one
 *
 * Where secrets overlap or touch, all of their bytes are hidden, as one `***`. Values of less than 4 bytes are not hidden: `1`
 * or `no` would tear holes into any text. Neither is a secret in another form: in base64, escaped, or line by line.
 */

/** Bytes. */
const SHORTEST_SECRET = 4;

const STARS = Buffer.from('***');

export class Masker {
  readonly #secrets: readonly Buffer[];
  #held: Buffer = Buffer.alloc(0);
  /** So many of the held bytes are known to be of a secret. */
  #hidden = 0;
  /** The last that went out was `***`, and what follows may belong to it. */
  #inStars = false;

  constructor(secrets: Iterable<string>) {
    const values = [...new Set(secrets)].map((secret) => Buffer.from(secret));
    this.#secrets = values.filter((secret) => secret.length >= SHORTEST_SECRET);
  }

  /** What can be told so far. */
  push(piece: Uint8Array): Uint8Array {
    if (this.#secrets.length === 0) return piece;
    return this.#decide(Buffer.concat([this.#held, piece]), false);
  }

  /** What was held back. */
  end(): Uint8Array {
    return this.#decide(this.#held, true);
  }

  #decide(bytes: Buffer, atEnd: boolean): Uint8Array {
    const spans = this.#spansIn(bytes);
    const decided = atEnd ? bytes.length : this.#undecidedFrom(bytes);
    const out: Uint8Array[] = [];
    let at = 0;
    for (const [from, to] of spans) {
      if (from >= decided) break;
      if (from > at) this.#show(bytes.subarray(at, from), out);
      this.#hide(out);
      at = Math.min(to, decided);
    }
    if (at < decided) this.#show(bytes.subarray(at, decided), out);
    this.#held = Buffer.from(bytes.subarray(decided));
    const across = spans.find(([from, to]) => from <= decided && to > decided);
    this.#hidden = across === undefined ? 0 : across[1] - decided;
    return Buffer.concat(out);
  }

  #show(bytes: Uint8Array, out: Uint8Array[]): void {
    out.push(bytes);
    this.#inStars = false;
  }

  #hide(out: Uint8Array[]): void {
    if (!this.#inStars) out.push(STARS);
    this.#inStars = true;
  }

  /** From, to: disjoint and in order; those that overlap or touch are one. */
  #spansIn(bytes: Buffer): [number, number][] {
    const found: [number, number][] = this.#hidden > 0 ? [[0, this.#hidden]] : [];
    for (const secret of this.#secrets) {
      for (let at = bytes.indexOf(secret); at !== -1; at = bytes.indexOf(secret, at + 1)) {
        found.push([at, at + secret.length]);
      }
    }
    const spans: [number, number][] = [];
    for (const [from, to] of found.sort((a, b) => a[0] - b[0])) {
      const last = spans.at(-1);
      if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
      else spans.push([from, to]);
    }
    return spans;
  }

  /** The first place from which on to the end it could be the beginning of a secret. */
  #undecidedFrom(bytes: Buffer): number {
    let first = bytes.length;
    for (const secret of this.#secrets) {
      const begin = secret[0] ?? 0;
      const earliest = Math.max(0, bytes.length - secret.length + 1);
      for (let at = bytes.indexOf(begin, earliest); at !== -1 && at < first; at = bytes.indexOf(begin, at + 1)) {
        const length = bytes.length - at;
        if (bytes.compare(secret, 0, length, at) === 0) first = at;
      }
    }
    return first;
  }
}
