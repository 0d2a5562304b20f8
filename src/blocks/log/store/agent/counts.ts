/** Numbers of entries by reason, as they stand in JSON in the tables of the agent. */
export type Counts = Readonly<Record<string, number>>;

/** The reason of entries that a sink has refused for good. Sent again and refused again they count again. */
export const REFUSED = 'refused by the sink';

export const NO_COUNTS: Counts = Object.freeze({});

export function readCounts(json: string): Counts {
  return json === '{}' ? NO_COUNTS : (JSON.parse(json) as Counts);
}

export function mergeCounts(one: Counts, other: Counts): Counts {
  const merged: Record<string, number> = { ...one };
  for (const [reason, count] of Object.entries(other)) merged[reason] = (merged[reason] ?? 0) + count;
  return merged;
}

export function sumOf(counts: Counts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
