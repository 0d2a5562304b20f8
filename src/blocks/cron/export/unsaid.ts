/** What another scheduler has no word for, told in one line for each job. */
import type { JobSpec } from '../job.js';
import { writeJobSpec } from '../spec.js';

/** `backup: systemd has no retries, mutex`. @param said keys of the compact form that it has, or that mean nothing there */
export function unsaidKeys(spec: JobSpec, said: readonly string[], scheduler: string): string[] {
  const unsaid = Object.keys(writeJobSpec(spec)).filter((key) => !said.includes(key));
  return unsaid.length === 0 ? [] : [`${spec.name}: ${scheduler} has no ${unsaid.join(', ')}`];
}

/** Name of a file or an object there: letters, digits and what `also` allows; all else is `-`. */
export function plainName(name: string, also: RegExp): string {
  return Array.from(name, (letter) => (also.test(letter) ? letter : '-')).join('');
}

/** The first of each name; a second one that would be called the same is told. */
export class TakenNames {
  readonly #by = new Map<string, string>();

  /** What stands in the way; undefined when the name is free, which it then is no more. */
  take(wanted: string, job: string): string | undefined {
    const before = this.#by.get(wanted);
    if (before !== undefined) return `its name there, ${wanted}, is that of ${before}`;
    this.#by.set(wanted, job);
    return undefined;
  }
}
