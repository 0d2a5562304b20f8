/** Fixed times that the clocks of a zone skip or repeat within a year. */
import { formatDuration } from '../../../platform/units.js';
import { LONGEST_VIXIE_GAP_MS } from '../schedule/clock-changes.js';
import type { CronFields } from '../schedule/expression.js';
import { isoLocal } from '../schedule/local-time.js';
import { nextLocal } from '../schedule/pattern.js';
import { type Segment, timeZone } from '../schedule/time-zone.js';
import type { Finding } from './finding.js';

const YEAR_MS = 366 * 86_400_000;

/** `cron` has fixed times: it does not follow elapsed time. */
export function lintClockChanges(cron: CronFields, zoneName: string, now: number): Finding[] {
  const zone = timeZone(zoneName);
  const next = nextLocal(cron);
  const findings: Finding[] = [];
  for (let segment = zone.segmentAt(now); segment.end <= now + YEAR_MS; segment = zone.segmentAt(segment.end)) {
    const { end, offset, offsetAfter } = segment;
    const [from, until] = [end + Math.min(offset, offsetAfter), end + Math.max(offset, offsetAfter)];
    const local = next(from - 1);
    if (local !== undefined && local < until) findings.push(sayChange(local, segment, zoneName));
  }
  return findings;
}

function sayChange(local: number, { end, offset, offsetAfter }: Segment, zone: string): Finding {
  const time = isoLocal(local).replace('T', ' ').slice(0, 16);
  const after = isoLocal(end + offsetAfter).slice(11, 16);
  const size = Math.abs(offsetAfter - offset);
  if (offsetAfter < offset) {
    const message = `${time} comes twice in ${zone}: vixie and skip run it the first time, both runs it twice`;
    return { code: 'repeated_time', severity: 'warning', field: 'hour', message };
  }
  const runs =
    size > LONGEST_VIXIE_GAP_MS
      ? `both runs it at ${after}, vixie and skip do not`
      : `vixie and both run it at ${after}, skip does not`;
  const message = `${time} does not exist in ${zone} (clocks skip ${formatDuration(size)}): ${runs}`;
  return { code: 'skipped_time', severity: 'warning', field: 'hour', message };
}
