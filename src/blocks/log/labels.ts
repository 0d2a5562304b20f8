/**
 * Labels: the names and values that say what an entry belongs to or carries. Three kinds share the form: those of a stream (Loki's word
 * for the entries that have the same labels), the structured metadata of one entry, and what a query's parsers extract.
 *
 * They have no prototype: a peer may call a label `__proto__` or `constructor`.
 */
export type Labels = Readonly<Record<string, string>>;

export const NO_LABELS: Labels = Object.freeze(emptyLabels());

/** An object to fill, without a prototype. */
export function emptyLabels(): Record<string, string> {
  return Object.create(null) as Record<string, string>;
}

export function makeLabels(entries: Iterable<readonly [name: string, value: string]>): Labels {
  const labels = emptyLabels();
  for (const [name, value] of entries) labels[name] = value;
  return labels;
}

/** The same text for the same labels, whatever order they came in; what a stream is known by. */
export function labelsKey(labels: Labels): string {
  const names = Object.keys(labels).sort();
  return JSON.stringify(names.map((name) => [name, labels[name]]));
}

/** Characters of names and values. */
export function sizeOfLabels(labels: Labels | undefined): number {
  let size = 0;
  for (const name in labels) size += name.length + (labels[name]?.length ?? 0);
  return size;
}

/** As Loki writes them: `{app="shop", host="a"}`, names in order. */
export function formatLabels(labels: Labels): string {
  const names = Object.keys(labels).sort();
  return `{${names.map((name) => `${name}=${JSON.stringify(labels[name])}`).join(', ')}}`;
}
