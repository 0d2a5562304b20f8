/** Zones that break one rule each, with what four zone checkers said: we refuse, warn or load as at least one of them does. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkZoneFile, type FileVerdict } from '../../src/blocks/dns/store/check-file.js';
import { withScratchZones } from '../../src/blocks/dns/store/scratch.js';
import { ManualClock } from '../helpers/manual-clock.js';
import { makeTemporaryFolder } from '../helpers/temporary-folder.js';

const DATA = fileURLToPath(new URL('../../../shared/data/dns-ferret-invalid.ndjson.gz', import.meta.url));

interface FerretZone {
  /** Which of nine rules is broken. */
  readonly condition: number;
  readonly id: number;
  /** Master file text. */
  readonly zone: string;
  /** Of 21 zones nothing is told. */
  readonly checkers?: Readonly<Record<string, { readonly Code: number; readonly Output: readonly string[] }>>;
}

/** What becomes of the zone: it is loaded without a word, with one, or not. */
type Outcome = 'loads' | 'warns' | 'refuses';

/** What is told of a zone that breaks the rule; one of the codes. */
const RULES: Readonly<Record<number, readonly [rule: string, ...codes: string[]]>> = {
  1: ['no record twice', 'duplicate_records'],
  2: ['one SOA record', 'duplicate_records', 'bad_zone', 'bad_zone_file'],
  3: ['no record outside of the zone', 'out_of_zone'],
  4: ['CNAME alone', 'cname_and_other_data', 'cname_multiple'],
  5: ['one DNAME', 'dname_multiple'],
  6: ['no NS beside DNAME', 'dname_and_ns'],
  7: ['nothing below DNAME', 'below_dname'],
  8: ['nothing but glue below NS', 'occluded'],
  9: ['glue where it is needed', 'glue_missing', 'target_without_address', 'target_is_alias'],
};

/** Zones whose records are all different after all. */
const UNBROKEN = ['1/0', '1/48', '1/80', '1/96'];

const cases = existsSync(DATA)
  ? gunzipSync(readFileSync(DATA))
      .toString()
      .split('\n')
      .filter((line) => line !== '')
      .map((line): FerretZone => JSON.parse(line))
  : [];

/** Lines that say that all is well, or how TTLs that were left out were found. */
const CHATTER = /loaded serial|^OK$|is ok$|No semantic error|using RFC1035 TTL|, 0 errors, 0 warnings|^$/;

function outcomeOf({ Code, Output }: NonNullable<FerretZone['checkers']>[string]): Outcome {
  if (Code !== 0) return 'refuses';
  return Output.every((line) => CHATTER.test(line)) ? 'loads' : 'warns';
}

/** None of the zones has $TTL, which says nothing about the rule. */
const told = ({ problems }: FileVerdict) => problems.filter(({ code }) => !code.startsWith('ttl_of_'));

function ours(verdict: FileVerdict): Outcome {
  if (!verdict.ok) return 'refuses';
  return told(verdict).length > 0 ? 'warns' : 'loads';
}

/**
 * As one of them does. Who tells more than all of them is right, too, as long as the zone loads where it does for them; a
 * zone that some refuse and others load may well be loaded with a warning.
 */
function isFair(our: Outcome, theirs: readonly Outcome[]): boolean {
  if (our === 'warns') return theirs.some((one) => one !== 'refuses') || theirs.length === 0;
  return theirs.includes(our) || (theirs.length === 0 && our === 'refuses');
}

interface Row {
  readonly one: FerretZone;
  readonly verdict: FileVerdict;
  readonly our: Outcome;
  readonly theirs: readonly Outcome[];
}

async function judge(): Promise<Row[]> {
  const folder = makeTemporaryFolder();
  try {
    return await withScratchZones(new ManualClock(Date.UTC(2025, 0)), async (zones) => {
      const rows: Row[] = [];
      for (const one of cases) {
        const path = join(folder.path, `${one.condition}-${one.id}.txt`);
        writeFileSync(path, one.zone, 'latin1');
        const verdict = await checkZoneFile(zones, path);
        rows.push({ one, verdict, our: ours(verdict), theirs: Object.values(one.checkers ?? {}).map(outcomeOf) });
      }
      return rows;
    });
  } finally {
    folder.remove();
  }
}

/** For messages of failures: how many zones of each condition met with what, ours first. */
function table(rows: readonly Row[]): string {
  const counts = new Map<string, number>();
  for (const { one, our, theirs } of rows) {
    const key = `${one.condition} ${RULES[one.condition]?.[0]}: we ${our}, they ${theirs.join(' ') || 'say nothing'}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, count]) => `${String(count).padStart(4)} × ${key}`).join('\n');
}

describe.skipIf(cases.length === 0)('invalid zones of the Ferret dataset', () => {
  let rows: readonly Row[] = [];

  beforeAll(async () => {
    rows = await judge();
  }, 120_000);

  test('there are 25 of each condition', () => {
    const counts = Object.keys(RULES).map((rule) => cases.filter(({ condition }) => String(condition) === rule).length);
    expect(counts).toEqual(Array.from({ length: 9 }, () => 25));
  });

  test('each is refused, or loaded with or without a warning, as at least one of four checkers does', () => {
    const unfair = rows.filter(({ our, theirs }) => !isFair(our, theirs));
    const list = unfair.map(
      ({ one, our, theirs }) => `${one.condition}/${one.id}: we ${our}, they ${theirs}\n${one.zone}`,
    );
    expect(list, table(rows)).toEqual([]);
  });

  test('what is wrong with each is told', () => {
    const untold = rows.filter(({ one, verdict }) => {
      const [, ...codes] = RULES[one.condition] ?? [''];
      return !told(verdict).some(({ code }) => codes.includes(code));
    });
    expect(
      untold.map(({ one: { condition, id } }) => `${condition}/${id}`),
      table(rows),
    ).toEqual(UNBROKEN);
  });
});
