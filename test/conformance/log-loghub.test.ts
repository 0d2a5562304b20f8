/**
 * Logs of eight systems (logpai/loghub), 2,000 lines each: the time of every line against an expression made for that system and Date.UTC(), the
 * level where the line has one.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { EntryBatchBuilder } from '../../src/blocks/log/entry-batch.js';
import { makeLabels } from '../../src/blocks/log/labels.js';
import { readTransforms } from '../../src/blocks/log/transform/index.js';
import { systemRandom } from '../../src/platform/clock.js';

const FOLDER = join(import.meta.dirname, '../../../shared/data/loghub');
/** For systems that leave out the year: 2026-08-01T00:00:00Z. */
const NOW = Date.UTC(2026, 7, 1);
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

interface System {
  readonly name: string;
  readonly form: RegExp;
  /** Milliseconds since the Unix epoch. */
  time(groups: readonly string[]): number;
  /** The level that the line has, as the system writes it. */
  readonly level?: RegExp;
}

const month = (name = '') => MONTHS.indexOf(name);
/** 2026 where that is not after the first of August, else 2025. */
const yearOf = (at: (year: number) => number) => (at(2026) <= NOW + 86_400_000 ? at(2026) : at(2025));
const numbers = (groups: readonly string[]) =>
  groups.map(Number) as [number, number, number, number, number, number, number];

const bsd = {
  form: /^([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d) /,
  time: ([name, ...rest]: readonly string[]) => {
    const [day, hour, minute, second] = numbers(rest);
    return yearOf((year) => Date.UTC(year, month(name), day, hour, minute, second));
  },
};
const log4j = {
  form: /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d),(\d{3}) /,
  time: (groups: readonly string[]) => {
    const [year, at, day, hour, minute, second, ms] = numbers(groups);
    return Date.UTC(year, at - 1, day, hour, minute, second, ms);
  },
  level: /^\S+ \S+ (?:- )?(INFO|WARN|ERROR|FATAL|DEBUG)\b/,
};

const SYSTEMS: readonly System[] = [
  {
    name: 'Apache',
    form: /^\[[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d\d) (\d\d):(\d\d):(\d\d) (\d{4})\] /,
    time: ([name, ...rest]) => {
      const [day, hour, minute, second, year] = numbers(rest);
      return Date.UTC(year, month(name), day, hour, minute, second);
    },
    level: /^\[[^\]]+\] \[(\w+)\]/,
  },
  {
    name: 'HDFS',
    form: /^(\d\d)(\d\d)(\d\d) (\d\d)(\d\d)(\d\d) /,
    time: (groups) => {
      const [year, at, day, hour, minute, second] = numbers(groups);
      return Date.UTC(2000 + year, at - 1, day, hour, minute, second);
    },
    level: /^\d+ \d+ \d+ (INFO|WARN|ERROR|FATAL|DEBUG)\b/,
  },
  { name: 'Hadoop', ...log4j },
  { name: 'Zookeeper', ...log4j },
  { name: 'Linux', ...bsd },
  { name: 'OpenSSH', ...bsd },
  {
    name: 'Proxifier',
    form: /^\[(\d\d)\.(\d\d) (\d\d):(\d\d):(\d\d)\] /,
    time: (groups) => {
      const [at, day, hour, minute, second] = numbers(groups);
      return yearOf((year) => Date.UTC(year, at - 1, day, hour, minute, second));
    },
  },
  { name: 'Thunderbird', form: /^\S+ (\d{10}) \d{4}\.\d\d\.\d\d /, time: ([seconds]) => Number(seconds) * 1000 },
];

const WORDS: Readonly<Record<string, string>> = {
  notice: 'info',
  warn: 'warn',
  info: 'info',
  error: 'error',
  fatal: 'fatal',
};

function linesOf(name: string): string[] {
  const text = gunzipSync(readFileSync(join(FOLDER, `${name}_2k.log.gz`))).toString('latin1');
  return text.split(/\r?\n/).filter((line) => line !== '');
}

describe.skipIf(!existsSync(FOLDER))('loghub', () => {
  test.each(SYSTEMS)('$name', ({ name, form, time, level }) => {
    const lines = linesOf(name);
    expect(lines.length).toBe(2000);
    const stream = makeLabels([['job', name]]);
    const builder = new EntryBatchBuilder();
    for (const line of lines) builder.add({ timestamp: 0n, line: Buffer.from(line, 'latin1'), stream });
    const now = BigInt(NOW) * 1_000_000n;
    let batch = builder.build();
    for (const transform of readTransforms(['timestamp=auto', 'parse=level'], { random: systemRandom })) {
      batch = transform.apply(batch, now).batch;
    }
    const wrong = lines.flatMap((line, i) => {
      const [whole, ...groups] = form.exec(line) ?? [];
      if (whole === undefined) return [`no time: ${line}`];
      const right = BigInt(time(groups)) * 1_000_000n === batch.timestamps[i];
      const word = level?.exec(line)?.[1]?.toLowerCase();
      const levelIsRight =
        level === undefined || (word !== undefined && WORDS[word] === batch.metadata?.[i]?.['level']);
      return right && levelIsRight ? [] : [`${batch.timestamps[i]} ${batch.metadata?.[i]?.['level']}: ${line}`];
    });
    expect(wrong).toEqual([]);
  });
});
