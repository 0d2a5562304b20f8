/** Asks daemons that are listed as running whether they can serve: a process that lives may have a full disk. */
import { messageOf } from '../errors.js';
import type { RegistryEntry } from './registry-entry.js';

/** A daemon as it answers now; `unready`: it runs, and says that it cannot serve, or says nothing. */
export interface ProbedDaemon extends Omit<RegistryEntry, 'state'> {
  readonly state: RegistryEntry['state'] | 'unready';
}

/** Milliseconds that a daemon has to answer. Longer makes `ds ps` wait for those that hang. */
const ANSWER_WITHIN_MS = 1000;
/** Characters of the reason that are kept. */
const LONGEST_REASON = 200;

/** All at once. One without an admin endpoint stays as it is listed. */
export function probeDaemons(daemons: readonly RegistryEntry[]): Promise<ProbedDaemon[]> {
  return Promise.all(daemons.map(probe));
}

async function probe(daemon: RegistryEntry): Promise<ProbedDaemon> {
  const admin = daemon.endpoints.find(({ name }) => name === 'admin');
  if (daemon.state !== 'running' || admin === undefined) return daemon;
  const problem = await whyNotReady(admin.url);
  return problem === undefined ? daemon : { ...daemon, state: 'unready', problem };
}

async function whyNotReady(admin: string): Promise<string | undefined> {
  // Only listings with something in them need a client.
  const { request } = await import('../http-client.js');
  try {
    const { statusCode, body } = await request(new URL('/readyz', admin), {
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const text = await body.text();
    return statusCode === 200 ? undefined : text.trim().slice(0, LONGEST_REASON);
  } catch (error) {
    return `no answer from ${admin}: ${messageOf(error)}`;
  }
}
