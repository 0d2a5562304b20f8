/**
 * Blocks that turned out to be damaged while they were read. One of them must not keep all others from being read: it is left out, noted here,
 * and told at the end by whoever asked.
 */
import { DsError } from '../../../platform/errors.js';
import { logErrors } from '../errors.js';

/** Blocks that are known by name; of a file with more of them it is enough to know that there are more. */
const MOST_KNOWN = 10_000;

export class Damage {
  readonly #blocks = new Map<number, DsError>();
  /** Hears of each block once. */
  onFound: ((error: DsError) => void) | undefined;

  /** Blocks, each once. */
  get count(): number {
    return this.#blocks.size;
  }

  has(id: number): boolean {
    return this.#blocks.has(id);
  }

  /** The first one, with the number of the others; undefined where there is none. Code: `log.damaged_block`. */
  get error(): DsError | undefined {
    const [first] = this.#blocks.values();
    const others = this.count - 1;
    if (first === undefined || others === 0) return first;
    const { message, hint } = first;
    const all = `${message}; and so ${others === 1 ? 'is another one' : `are ${others} others`}`;
    return logErrors.error('log.damaged_block', all, { ...(hint !== undefined && { hint }), cause: first });
  }

  /** What was thrown while the block was read: noted where it is damage, else thrown on. */
  note(id: number, thrown: unknown): void {
    if (!(thrown instanceof DsError) || thrown.code !== 'log.damaged_block') throw thrown;
    if (this.#blocks.has(id) || this.count >= MOST_KNOWN) return;
    this.#blocks.set(id, thrown);
    this.onFound?.(thrown);
  }
}
