/** A zone to measure with, where there is none: `n000000.bench.test` … each with an address. */
import { Name } from '../../name.js';
import type { Question } from '../../record.js';
import { RRClass, RRType } from '../../wire.js';

export const BENCH_ZONE = 'bench.test';

/** More is what master files and their import are measured by. */
export const MOST_BENCH_NAMES = 1_000_000;

function label(index: number): string {
  return `n${String(index).padStart(6, '0')}`;
}

/** Lines of a master file. */
export function* benchZoneFile(count: number): Generator<string> {
  yield `$ORIGIN ${BENCH_ZONE}.\n$TTL 300\n@ SOA ns hostmaster 1 7200 900 1209600 300\n@ NS ns\nns A 127.0.0.1\n`;
  for (let i = 0; i < count; i++) yield `${label(i)} A 10.${(i >>> 16) & 255}.${(i >>> 8) & 255}.${i & 255}\n`;
}

/** A question for each name of the zone. */
export function* benchQuestions(count: number): Generator<Question> {
  for (let i = 0; i < count; i++) {
    yield { name: Name.parse(`${label(i)}.${BENCH_ZONE}.`), type: RRType.A, class: RRClass.IN };
  }
}
