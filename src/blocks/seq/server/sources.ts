/**
 * The daemon's ID sources: one for each layout, opened when it is first asked for and shared by all connections. A
 * source serves its callers one after another, so that IDs rise in the order of the requests.
 */
import { seqErrors } from '../errors.js';
import { type Layout, resolveLayout } from '../layout/index.js';
import type { IdSource } from '../source.js';

/**
 * Layouts open at once. Each holds a worker number in the store and a lease that is renewed; peers choose layouts
 * freely, so they are counted.
 */
const MOST_LAYOUTS = 32;
/** Spellings remembered, so that a layout's text is parsed once and not with every request. */
const MOST_SPELLINGS = 256;

export class IdSources {
  readonly #open: (layout: Layout) => Promise<IdSource>;
  /** By the layout's space: two spellings of the same bits must share their worker number. */
  readonly #sources = new Map<string, Promise<IdSource>>();
  readonly #layouts = new Map<string, Layout>();
  #closed = false;

  constructor(open: (layout: Layout) => Promise<IdSource>) {
    this.#open = open;
  }

  /** Error: `seq.unknown_layout`. */
  layout(text: string): Layout {
    const known = this.#layouts.get(text);
    if (known !== undefined) return known;
    const layout = resolveLayout(text);
    if (this.#layouts.size >= MOST_SPELLINGS) this.#layouts.clear();
    this.#layouts.set(text, layout);
    return layout;
  }

  /** Errors: `seq.too_many_layouts`, and what opening meets; a layout that could not be opened is tried again. */
  source(layout: Layout): Promise<IdSource> {
    const known = this.#sources.get(layout.space);
    if (known !== undefined) return known;
    if (this.#closed) throw seqErrors.error('seq.stopping', 'the daemon is stopping');
    if (this.#sources.size >= MOST_LAYOUTS) {
      throw seqErrors.error('seq.too_many_layouts', `the daemon serves ${MOST_LAYOUTS} layouts already`, {
        hint: 'use one of them, or run a second daemon',
        details: { most: MOST_LAYOUTS },
      });
    }
    const opening = this.#open(layout);
    this.#sources.set(layout.space, opening);
    opening.catch(() => this.#sources.delete(layout.space));
    return opening;
  }

  /** Spaces of the layouts in use. */
  get open(): readonly string[] {
    return [...this.#sources.keys()];
  }

  /** Gives every worker number back. */
  async close(): Promise<void> {
    this.#closed = true;
    const sources = await Promise.allSettled(this.#sources.values());
    await Promise.all(sources.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.close() : undefined)));
  }
}
