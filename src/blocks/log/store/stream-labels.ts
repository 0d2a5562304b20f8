/** Labels of streams by number, for who reads. Numbers are never given twice, so what is known stays true whoever writes. */
import type { Store } from '../../../platform/store/store.js';
import type { LabelMatcher } from '../entry-source.js';
import { type Labels, makeLabels, NO_LABELS } from '../labels.js';
import type { Tenant, TimeRange } from '../log-store.js';
import { storable } from './nanos.js';

/** Streams kept in memory, and characters of their labels. */
const MOST_KNOWN = 100_000;
const MOST_KNOWN_TEXT = 64 * 1024 * 1024;

export class StreamLabels {
  readonly #store: Store;
  #known = new Map<number, Labels>();
  #knownText = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The same object for the same stream, as long as it is kept. */
  of(id: number): Labels {
    return this.#known.get(id) ?? this.#keep(id, this.#read(id));
  }

  /** Numbers of the streams that all matchers match and that may have entries in the range. */
  matching(tenant: Tenant, matchers: readonly LabelMatcher[], { start, end }: TimeRange): Set<number> {
    const ids = new Set<number>();
    this.each(tenant, { start, end }, sureText(matchers), (id, labels) => {
      if (matchers.every((matcher) => matcher.matches(labels[matcher.name] ?? ''))) ids.add(id);
    });
    return ids;
  }

  /** `text`: only streams whose canonical labels have it; undefined: all. */
  each(
    tenant: Tenant,
    { start, end }: TimeRange,
    text: string | undefined,
    visit: (id: number, labels: Labels) => void,
  ): void {
    const rows = this.#store.statement<
      [string, bigint, bigint, string | null, string | null],
      { id: number; labels: string }
    >(
      `SELECT id, labels FROM streams WHERE tenant = ? AND last >= ? AND first < ? AND (? IS NULL OR instr(labels, ?) > 0)`,
    );
    for (const { id, labels } of rows.iterate(tenant, storable(start), storable(end), text ?? null, text ?? null))
      visit(id, this.#known.get(id) ?? this.#keep(id, labels));
  }

  #read(id: number): string | undefined {
    return this.#store.statement<[number], { labels: string }>('SELECT labels FROM streams WHERE id = ?').get(id)
      ?.labels;
  }

  #keep(id: number, text: string | undefined): Labels {
    const labels = text === undefined ? NO_LABELS : makeLabels(JSON.parse(text) as [string, string][]);
    this.#knownText += text?.length ?? 0;
    if (this.#known.size >= MOST_KNOWN || this.#knownText > MOST_KNOWN_TEXT) {
      this.#known = new Map();
      this.#knownText = text?.length ?? 0;
    }
    this.#known.set(id, Object.freeze(labels));
    return labels;
  }
}

/** Of a matcher that asks for a value: how canonical labels have it. */
function sureText(matchers: readonly LabelMatcher[]): string | undefined {
  const matcher = matchers.find(({ operator, value }) => operator === '=' && value !== '');
  return matcher && JSON.stringify([matcher.name, matcher.value]);
}
