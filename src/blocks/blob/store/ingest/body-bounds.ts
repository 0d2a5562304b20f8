/** What is checked while a body arrives: that it is not longer than it may be, nor than was announced. */
import { blobErrors } from '../../errors.js';

export class BodyBounds {
  readonly #size: number | undefined;
  readonly #largest: number;
  #arrived = 0;

  constructor({ size, largest }: { readonly size?: number | undefined; readonly largest?: number | undefined }) {
    this.#size = size;
    this.#largest = largest ?? Number.MAX_SAFE_INTEGER;
    if (size !== undefined && size > this.#largest) throw this.#tooLarge(size);
  }

  get arrived(): number {
    return this.#arrived;
  }

  /** Before the bytes are kept. */
  add(bytes: number): void {
    this.#arrived += bytes;
    if (this.#arrived > this.#largest) throw this.#tooLarge(this.#arrived);
    if (this.#size !== undefined && this.#arrived > this.#size) throw this.#incomplete(this.#size, 'more');
  }

  end(): void {
    if (this.#size !== undefined && this.#arrived < this.#size) throw this.#incomplete(this.#size, `${this.#arrived}`);
  }

  #tooLarge(size: number) {
    return blobErrors.error('blob.entity_too_large', `a body of ${size} bytes is larger than ${this.#largest}`, {
      details: { size_bytes: size, most_bytes: this.#largest },
    });
  }

  #incomplete(size: number, arrived: string) {
    return blobErrors.error('blob.incomplete_body', `a body of ${size} bytes was announced, and ${arrived} arrived`, {
      details: { size_bytes: size },
    });
  }
}
