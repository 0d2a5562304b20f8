/**
 * What is true of all keys of a limiter in Redis, found by SCAN, some keys at a time, so that nobody else waits. It is
 * bounded: of a server with more keys it tells about those that were looked at.
 */
import type { ScriptRunner } from '../../../platform/protocol/resp-client/script.js';
import { readList, readNumber, readText } from '../../../platform/protocol/resp-client/values.js';
import { Busiest } from '../engine/busiest.js';
import { decodeKey } from '../wire/keys.js';
import { keyOfHash, keyPattern } from './redis-keys.js';
import { surveyScript } from './scripts.js';

/** Keys of the server's database that are looked at, whosever they are: ten seconds of a busy server, in small pieces. */
const MOST_SURVEYED = 1_000_000;
/** Keys in one step of SCAN: about a millisecond. */
const STEP = 500;

interface Surveyed {
  readonly key: string;
  readonly scope: string;
  readonly total: number;
  readonly isFresh: boolean;
}

export async function busiestKeys(scripts: ScriptRunner, count: number): Promise<Surveyed[]> {
  const busiest = new Busiest<Surveyed>(count);
  await survey(scripts, (one) => busiest.offer(one, one.total));
  return busiest.list();
}

/** Keys that are not as new. */
export async function countKeys(scripts: ScriptRunner): Promise<number> {
  let keys = 0;
  await survey(scripts, ({ isFresh }) => {
    if (!isFresh) keys++;
  });
  return keys;
}

async function survey(scripts: ScriptRunner, each: (one: Surveyed) => void): Promise<void> {
  // SCAN may tell a key twice.
  const seen = new Set<string>();
  let cursor = '0';
  for (let looked = 0; looked < MOST_SURVEYED; looked += STEP) {
    const reply = await scripts.send(['SCAN', cursor, 'MATCH', keyPattern, 'COUNT', String(STEP), 'TYPE', 'hash']);
    const [next = null, found = null] = readList(reply, 'SCAN');
    const hashes = readList(found, 'SCAN')
      .map((hash) => readText(hash, 'SCAN'))
      .filter((hash) => !seen.has(hash));
    for (const hash of hashes) seen.add(hash);
    if (hashes.length > 0) await look(scripts, hashes, each);
    cursor = readText(next, 'SCAN');
    if (cursor === '0') return;
  }
}

async function look(scripts: ScriptRunner, hashes: readonly string[], each: (one: Surveyed) => void): Promise<void> {
  const keys = hashes.map((hash) => Buffer.from(hash, 'latin1'));
  const [time = null, ...records] = readList(await scripts.run(surveyScript, keys, []), 'survey');
  const now = readNumber(time, 'now');
  for (const record of records) {
    const [place = null, scope = null, total = null, freshAt = null] = readList(record, 'survey');
    each({
      key: keyOfHash(hashes[readNumber(place, 'survey') - 1] ?? ''),
      scope: decodeKey(Buffer.from(readText(scope, 'survey'), 'latin1')),
      total: readNumber(total, 'survey'),
      isFresh: readNumber(freshAt, 'survey') <= now,
    });
  }
}
