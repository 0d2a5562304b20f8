/** The next slots of a job that is there. */
import type { Job } from '../book.js';
import { compileSchedule } from './compile.js';

/** The one that the store has as its next, and those behind it: at most `count`. Milliseconds since the epoch. */
export function nextSlots({ spec, createdAt, nextAt }: Job, count: number): number[] {
  if (nextAt === undefined) return [];
  const schedule = compileSchedule(spec.schedule, { name: spec.name, createdAt });
  const slots = [nextAt];
  while (slots.length < count) {
    const slot = schedule.next(slots.at(-1) ?? nextAt);
    if (slot === undefined) break;
    slots.push(slot);
  }
  return slots;
}
