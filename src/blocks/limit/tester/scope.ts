/**
 * What is counted apart? With the limit run into, one thing of the request is changed: who is let through then is counted
 * apart by it. Right after it the plain request is tried again: had that been let through as well, time had passed and
 * nothing was shown.
 */
import type { Variation } from './observation.js';
import type { Session } from './session.js';

export interface Variant {
  /** `header user-agent`, `connection`. */
  readonly by: string;
  readonly variation: Variation;
}

export interface ScopeFinding {
  readonly by: string;
  /** `apart`: a key of its own. `shared`: refused like the plain request. */
  readonly counted: 'apart' | 'shared' | 'unclear';
}

const TRIES = 3;

export async function findScope(session: Session, variants: readonly Variant[]): Promise<ScopeFinding[]> {
  const found: ScopeFinding[] = [];
  for (const { by, variation } of variants) found.push({ by, counted: await countedBy(session, variation) });
  return found;
}

async function countedBy(session: Session, variation: Variation): Promise<ScopeFinding['counted']> {
  for (let tries = 0; tries < TRIES; tries++) {
    await session.untilRefused(session.requestsLeft);
    const varied = await session.varied(variation);
    if (!varied.accepted) return 'shared';
    if (!(await session.one()).accepted) return 'apart';
  }
  return 'unclear';
}

/** One thing each. `otherPath` and `otherHeaders` are what the user names: an API key cannot be made up. */
export function variantsOf(
  url: URL,
  method: string,
  otherPath: string | undefined,
  otherHeaders: Readonly<Record<string, string>>,
): Variant[] {
  const query = `${url.pathname}?${url.search === '' ? '' : `${url.search.slice(1)}&`}ds-limit-test=1`;
  const headers = { 'user-agent': 'curl/8.0.0', 'x-forwarded-for': '192.0.2.1', ...otherHeaders };
  return [
    { by: 'connection', variation: { freshConnection: true } },
    { by: 'query', variation: { path: query } },
    ...(otherPath === undefined ? [] : [{ by: 'path', variation: { path: otherPath } }]),
    ...(method === 'GET' || method === 'HEAD'
      ? [{ by: 'method', variation: { method: method === 'GET' ? 'HEAD' : 'GET' } }]
      : []),
    ...Object.entries(headers).map(([name, value]) => ({
      by: `header ${name}`,
      variation: { headers: { [name]: value } },
    })),
  ];
}
