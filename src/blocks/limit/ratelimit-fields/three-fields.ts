/**
 * The fields that came before the drafts, in threes: RateLimit-Limit, X-RateLimit-Limit, X-Rate-Limit-Limit, each with
 * -Remaining and -Reset (or -Reset-After). Some servers add what is counted or in what time behind: -Limit-Minute,
 * -Limit-Tokens; each such ending is a limit of its own.
 */
import { parseList } from '../../../platform/protocol/structured-fields.js';
import type { Declared, Findings } from './declared.js';
import { readReset, shown } from './times.js';

const FIELD = /^(x-)?rate-?limit-(limit|remaining|reset)(?:-(after))?(?:-([a-z0-9-]{1,32}))?$/;

const PERIODS_MS: Readonly<Record<string, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  month: 30 * 86_400_000,
  year: 365 * 86_400_000,
};

type Changes = { -readonly [Key in keyof Declared]: Declared[Key] };

export function readThreeFields(
  fields: readonly (readonly [name: string, value: string])[],
  answeredAt: number,
  findings: Findings,
): void {
  const found = new Map<string, Changes>();
  for (const [name, value] of fields) {
    const match = FIELD.exec(name);
    if (match === null) continue;
    const [, x, what, , ending = ''] = match;
    const key = `${x ?? ''}${ending}`;
    const declared: Changes = found.get(key) ?? { form: x === undefined ? 'ratelimit-limit' : 'x-ratelimit', name: '' };
    if (!readField(declared, what ?? '', value, answeredAt))
      findings.notes.push(`${name} cannot be read: ${shown(value)}`);
    const windowMs = PERIODS_MS[ending];
    if (windowMs !== undefined) declared.windowMs = windowMs;
    else if (ending !== '') declared.unit = ending;
    found.set(key, declared);
  }
  for (const declared of found.values()) {
    if (declared.limit !== undefined || declared.remaining !== undefined) add(declared, findings);
  }
}

/** What a draft's field has told already is not told twice; servers send both for old clients. */
function add(declared: Declared, { limits }: Findings): void {
  const same = limits.findIndex((other) => other.limit === declared.limit && other.unit === declared.unit);
  const known = limits[same];
  if (known === undefined) limits.push(declared);
  else limits[same] = { ...declared, ...known };
}

function readField(declared: Changes, what: string, value: string, answeredAt: number): boolean {
  if (what === 'reset') {
    const resetMs = readReset(value, answeredAt);
    if (resetMs !== undefined) declared.resetMs = resetMs;
    return resetMs !== undefined;
  }
  const number = /^\s*(\d{1,15})\s*(?:,|;|$)/.exec(value)?.[1];
  if (number === undefined) return false;
  if (what === 'remaining') declared.remaining = Number(number);
  else Object.assign(declared, { limit: Number(number) }, windowOf(value, Number(number)));
  return true;
}

/** `100, 100;w=60, 1000;w=3600`: the first is the limit that is closest, the rest say in what time. */
function windowOf(value: string, limit: number): { readonly windowMs?: number } {
  try {
    for (const [item, parameters] of parseList(value)) {
      const seconds = parameters.get('w');
      if (item === limit && typeof seconds === 'number' && seconds > 0) return { windowMs: seconds * 1000 };
    }
  } catch {
    // Only the number in front is needed.
  }
  return {};
}
