/** Words for what a cron field says, that sentences are made of. */
import { rangesOf } from './ranges.js';

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
] as const;
const ordinals = ['first', 'second', 'third', 'fourth', 'fifth'] as const;

/** A run of so many values is said by its ends. */
const SHORTEST_RUN = 3;

/** `a`, `a and b`, `a, b and c`. */
export function listed(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join('');
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

/** 1, 2, 3, 7 → `1 to 3 and 7`; `name` says one value. */
export function values(all: readonly number[], name: (value: number) => string = String): string {
  const parts = rangesOf(all).flatMap(([first, last]) => {
    if (last - first + 1 >= SHORTEST_RUN) return [`${name(first)} to ${name(last)}`];
    return first === last ? [name(first)] : [name(first), name(last)];
  });
  return listed(parts);
}

export const weekdayName = (day: number): string => weekdays[day % 7] ?? '';
export const monthName = (month: number): string => months[month - 1] ?? '';
export const two = (number: number): string => String(number).padStart(2, '0');

/** `L`, `LW`, `15W`, `5#2`, `5L` of a field → `the last day`, `the second Friday`. */
export function specialDay(special: string): string {
  if (special === 'L') return 'the last day of the month';
  if (special === 'LW') return 'the last weekday of the month';
  const number = Number.parseInt(special, 10);
  if (special.endsWith('W')) return `the weekday nearest to day ${number}`;
  if (special.endsWith('L')) return `the last ${weekdayName(number)} of the month`;
  return `the ${ordinals[Number(special.split('#')[1]) - 1] ?? ''} ${weekdayName(number)} of the month`;
}
