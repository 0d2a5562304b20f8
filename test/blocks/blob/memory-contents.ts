/** Contents in memory, counted strictly: for tests of what refers to them. Not safe against a rolled-back transaction. */
import { createHash } from 'node:crypto';
import { blobErrors } from '../../../src/blocks/blob/errors.js';
import type { Body, ByteRange } from '../../../src/blocks/blob/object-types.js';
import type { Contents, PartLayout, Staged, StageOptions } from '../../../src/blocks/blob/store/contents.js';

interface Held {
  refs: number;
  readonly bytes: Buffer;
  readonly inline: boolean;
  readonly parts?: readonly PartLayout[];
}

export class MemoryContents implements Contents {
  readonly staging = 0;
  readonly held = new Map<number, Held>();
  readonly #staged = new Map<Staged, { bytes: Buffer; inline: boolean }>();
  #last = 0;

  async stage(body: Body, { size, mayBeInline = true }: StageOptions = {}): Promise<Staged> {
    const pieces: Buffer[] = [];
    for await (const piece of body) pieces.push(Buffer.from(piece));
    const bytes = Buffer.concat(pieces);
    if (size !== undefined && size !== bytes.length) throw blobErrors.error('blob.incomplete_body', 'other length');
    const staged = { size: bytes.length, md5: createHash('md5').update(bytes).digest('hex') };
    this.#staged.set(staged, { bytes, inline: mayBeInline && bytes.length <= 65_536 });
    return staged;
  }

  discard(staged: Staged): void {
    this.#staged.delete(staged);
  }

  add(staged: Staged): number {
    const bytes = this.#staged.get(staged);
    if (bytes === undefined) throw new Error('not staged');
    return this.#insert({ refs: 1, ...bytes });
  }

  share(contentId: number): void {
    this.#get(contentId).refs++;
  }

  release(contentId: number): void {
    const held = this.#get(contentId);
    if (--held.refs === 0) this.held.delete(contentId);
  }

  join(contentIds: readonly number[], parts: readonly PartLayout[]): number {
    const bytes = Buffer.concat(contentIds.map((id) => this.#get(id).bytes));
    for (const id of contentIds) this.release(id);
    return this.#insert({ refs: 1, bytes, inline: false, parts });
  }

  cut(contentId: number, { first, last }: ByteRange): number | undefined {
    const held = this.#get(contentId);
    if (held.inline) return undefined;
    return this.#insert({ refs: 1, bytes: held.bytes.subarray(first, last + 1), inline: false });
  }

  parts(contentId: number): readonly PartLayout[] | undefined {
    return this.#get(contentId).parts;
  }

  async *read(contentId: number, range: ByteRange | undefined): Body {
    const { bytes } = this.#get(contentId);
    yield range === undefined ? bytes : bytes.subarray(range.first, range.last + 1);
  }

  async close(): Promise<void> {}

  #insert(held: Held): number {
    this.held.set(++this.#last, held);
    return this.#last;
  }

  #get(contentId: number): Held {
    const held = this.held.get(contentId);
    if (held === undefined) throw new Error(`there is no content ${contentId}`);
    return held;
  }
}
