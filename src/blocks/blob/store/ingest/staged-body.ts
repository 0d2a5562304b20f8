import type { Staged } from '../contents.js';
import type { Ingested } from './ingested.js';

/** What stage() hands out: a small body itself, or where the chunks of a larger one are. */
export class StagedBody implements Staged {
  readonly size: number;
  /** Hex. */
  readonly md5: string;
  readonly content: Uint8Array | Ingested;

  constructor(size: number, md5: string, content: Uint8Array | Ingested) {
    this.size = size;
    this.md5 = md5;
    this.content = content;
  }

  /** Undefined: it is small. */
  get ingested(): Ingested | undefined {
    return this.content instanceof Uint8Array ? undefined : this.content;
  }
}
