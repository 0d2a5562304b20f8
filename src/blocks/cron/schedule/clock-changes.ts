/**
 * What changes of the clocks do to schedules.
 *
 *     gap: clocks go forward                          fold: clocks go back
 *
 *     local  01:59 ──► 03:00                          local  01:00 … 01:59 ──► 01:00 … 01:59
 *                  T                                         first              T second
 *
 *     due in the gap, at a fixed time                 due in the fold, at a fixed time
 *       vixie  once at T; not at all when the           vixie  the first time
 *              gap is longer than three hours
 *       skip   not at all                               skip   the first time
 *       both   once at T                                both   both times
 *
 * Several times in one gap make one run at T. A schedule whose second, minute or hour begins with a star (`*`, `?`) has no
 * fixed times: it follows elapsed time under every policy, so what is in a gap does not exist and what is in a fold comes
 * twice. That is Debian's rule, too, which takes longer gaps for a clock that was set.
 *
 * The search: a zone is a row of segments of constant offset. In the segment that holds the cursor, the next local time is
 * found and turned back into an instant. When that lies beyond the segment's end, the change there is looked at, and the
 * search goes on behind it. Years without a match are jumped over.
 */
import type { ClockChangePolicy } from '../job.js';
import type { NextLocal } from './pattern.js';
import type { Segment, TimeZone } from './time-zone.js';

export interface LocalSchedule {
  readonly next: NextLocal;
  /** Follows elapsed time, see above. */
  readonly wild: boolean;
}

/** Debian's cron takes a larger step for a clock that was set, and does not catch up. */
export const LONGEST_VIXIE_GAP_MS = 3 * 3_600_000;
/** No offset of a zone differs by more from another one, and from UTC. */
export const WIDEST_OFFSET_MS = 2 * 86_400_000;
/**
 * A schedule whose every time falls into a gap that is skipped is given up after 50 years with two changes each: a year has one of 14
 * calendars, all of which come within 40 years, and changes of the clocks follow the calendar.
 */
const MOST_CHANGES = 100;

/** The first instant strictly after `after`, or undefined. */
export function nextInstant(
  schedule: LocalSchedule,
  zone: TimeZone,
  policy: ClockChangePolicy,
  after: number,
): number | undefined {
  const passesOver = !schedule.wild && policy !== 'both';
  // Local times are asked for strictly after one; behind a change the first one counts.
  let cursor = after;
  let segment = zone.segmentAt(cursor);
  let local = cursor + segment.offset;
  for (let changes = 0; changes < MOST_CHANGES; changes++) {
    if (passesOver) local = Math.max(local, segment.start + segment.offsetBefore - 1);
    const found = schedule.next(local);
    if (found === undefined) return undefined;
    const instant = found - segment.offset;
    if (instant < segment.end) return instant;
    if (runsAtEnd(schedule, segment, policy, found)) return segment.end;
    const near = found - WIDEST_OFFSET_MS;
    // A fold right behind the cursor could bring a time back that is before it, so that one is never jumped over.
    cursor = segment.end - cursor > WIDEST_OFFSET_MS ? Math.max(segment.end, near) : segment.end;
    segment = zone.segmentAt(cursor);
    local = cursor + segment.offset - 1;
  }
  return undefined;
}

/** Whether `found`, the first local time behind the segment, is in a gap at its end that makes a run there. */
function runsAtEnd(schedule: LocalSchedule, segment: Segment, policy: ClockChangePolicy, found: number): boolean {
  const gap = segment.offsetAfter - segment.offset;
  if (schedule.wild || policy === 'skip' || gap <= 0) return false;
  if (policy === 'vixie' && gap > LONGEST_VIXIE_GAP_MS) return false;
  return found < segment.end + segment.offsetAfter;
}
