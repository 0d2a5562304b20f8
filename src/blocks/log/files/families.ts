/**
 * A log and what it was rotated to, oldest first:
 *
 *     app.log.2.gz  app.log.1  app.log                       by number
 *     app.log-20240101.gz  app.log-20240102  app.log         by date, as logrotate's dateext
 *     app-2024-01-01.log  app-2024-01-02.log  app.log        by date, as log4j, logback and winston have it
 *
 * A query reads a family as one file. Which files there are is what was asked for; others of a family are not looked for.
 */
import { basename, dirname, join } from 'node:path';

/** Names of files in the order in which they were written. */
export type Family = readonly string[];

interface Rotated {
  readonly family: string;
  /** Of the file that is written now: undefined. */
  readonly number?: number;
  readonly date?: string;
}

const COMPRESSED = /\.(?:gz|z)$/i;
/** `.1`, `.12`: more digits are a date or a process number. */
const NUMBER = /\.(\d{1,4})$/;
const DATE = String.raw`\d{4}-?\d{2}-?\d{2}(?:[-_T.]?\d{2}(?:[-:]?\d{2}(?:[-:]?\d{2})?)?)?(?:-\d{10})?`;
const DATE_LAST = new RegExp(`[.-](${DATE})$`);
const DATE_BEFORE_ENDING = new RegExp(`[.-](${DATE})(\\.[A-Za-z]{1,8})$`);

/** Families in the order of their first files; a file that was named twice is read once. */
export function familiesOf(paths: readonly string[]): Family[] {
  const families = new Map<string, { readonly path: string; readonly rotated: Rotated }[]>();
  for (const path of new Set(paths)) {
    const rotated = rotatedName(path);
    const members = families.get(rotated.family);
    if (members === undefined) families.set(rotated.family, [{ path, rotated }]);
    else members.push({ path, rotated });
  }
  return [...families.values()].map((members) =>
    members.toSorted((a, b) => compareAge(a.rotated, b.rotated)).map(({ path }) => path),
  );
}

function rotatedName(path: string): Rotated {
  const folder = dirname(path);
  const name = basename(path).replace(COMPRESSED, '');
  const number = NUMBER.exec(name);
  if (number !== null) {
    const base = rotatedName(join(folder, name.slice(0, number.index)));
    return { ...base, number: Number(number[1]) };
  }
  const last = DATE_LAST.exec(name);
  if (last !== null) return { family: join(folder, name.slice(0, last.index)), date: digits(last[1]) };
  const inner = DATE_BEFORE_ENDING.exec(name);
  if (inner === null) return { family: join(folder, name) };
  return { family: join(folder, name.slice(0, inner.index) + (inner[2] ?? '')), date: digits(inner[1]) };
}

const digits = (date = '') => date.replace(/\D/g, '');

/** By date; of one date by number, the highest first, as logrotate counts; what has neither is the newest. */
function compareAge(a: Rotated, b: Rotated): number {
  const [dateA, dateB] = [a.date ?? '~', b.date ?? '~'];
  if (dateA !== dateB) return dateA < dateB ? -1 : 1;
  return (b.number ?? -1) - (a.number ?? -1);
}
