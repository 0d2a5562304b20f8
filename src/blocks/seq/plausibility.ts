/** How likely it is that an ID comes from a layout, judged by the time and fields it would then have. */
import type { Layout } from './layout/layout.js';

export interface Plausibility {
  /** 0 … 1 */
  readonly score: number;
  readonly why: string;
}

interface Habitat {
  /** Since when such IDs are made. */
  readonly since: number;
  /** How often one meets them, against the others: 0 … 1. */
  readonly frequency: number;
}

const habitats: Readonly<Record<string, Habitat>> = {
  twitter: { since: Date.UTC(2010, 10, 4), frequency: 1 },
  discord: { since: Date.UTC(2015, 0, 1), frequency: 1 },
  instagram: { since: Date.UTC(2011, 7, 24), frequency: 0.7 },
  sonyflake: { since: Date.UTC(2014, 8, 1), frequency: 0.7 },
  sonyflake2: { since: Date.UTC(2025, 0, 1), frequency: 0.6 },
  mastodon: { since: Date.UTC(2017, 9, 1), frequency: 0.8 },
  tsid: { since: Date.UTC(2020, 0, 1), frequency: 0.7 },
  js53: { since: Date.UTC(2020, 0, 1), frequency: 0.5 },
  uuid7: { since: Date.UTC(2021, 3, 1), frequency: 1 },
  ulid: { since: Date.UTC(2016, 4, 1), frequency: 1 },
  ksuid: { since: Date.UTC(2017, 5, 1), frequency: 1 },
  xid: { since: Date.UTC(2010, 0, 1), frequency: 1 },
};

const DAY_MS = 86_400_000;
const YEAR_MS = 365.25 * DAY_MS;

export function plausibility(
  layout: Layout,
  time: number,
  fields: Readonly<Record<string, number | string>>,
  now: number,
): Plausibility {
  const { since, frequency } = habitats[layout.name] ?? { since: layout.epoch, frequency: 0.5 };
  if (time > now + DAY_MS) return { score: 0.02 * frequency, why: 'its time would lie in the future' };
  if (time < since) return { score: 0.03 * frequency, why: `its time would lie before the first ${layout.name} ID` };
  if (layout.family === 'integer' && time < layout.epoch + DAY_MS) {
    return { score: 0.05 * frequency, why: "its time would fall on the layout's first day" };
  }
  const recent = Math.exp(-Math.max(0, now - time) / (5 * YEAR_MS));
  const quiet = quietness(layout, fields);
  const score = frequency * (0.6 + 0.2 * recent + 0.2 * quiet);
  return { score, why: describe(layout, quiet, now - time) };
}

/** Real sequences start at 0 each tick, so low ones are common; random numbers fill the range. 0 … 1 */
function quietness(layout: Layout, fields: Readonly<Record<string, number | string>>): number {
  if (layout.family === 'bytes') return 1;
  const { sequence, perTick, name } = layout;
  // Mastodon starts at a hash, so its low bits say nothing.
  if (sequence === undefined || name === 'mastodon') return 0.5;
  return 1 - Number(fields[sequence.name] ?? 0) / perTick;
}

function describe(layout: Layout, quiet: number, age: number): string {
  const years = age / YEAR_MS;
  const when = years < 1 ? 'made within a year' : `made ${Math.floor(years)} years ago`;
  return quiet > 0.9 && layout.family === 'integer' ? `${when}, low sequence` : when;
}
