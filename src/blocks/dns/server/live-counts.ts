/** What the daemons on a file have counted since they began, asked at their admin endpoints. */
import { realpathSync } from 'node:fs';
import { listDaemons, type RegistryEntry } from '../../../platform/daemon/registry.js';
import { messageOf } from '../../../platform/errors.js';
import { parseExposition } from '../exposition.js';

export interface ResponseCount {
  /** Of the question: `A`; `other` for types without a name. */
  readonly type: string;
  readonly rcode: string;
  /** Where the answer came from: a zone, the cache … */
  readonly source: string;
  readonly count: number;
}

export interface LiveDaemon {
  readonly pid: number;
  /** ISO 8601 UTC. */
  readonly startedAt: string;
  /** By transport. Undefined where the daemon does not tell, as is `responses`. */
  readonly queries?: Readonly<Record<string, number>>;
  /** The most frequent first. */
  readonly responses?: readonly ResponseCount[];
  /** Why it does not tell. */
  readonly problem?: string;
}

/** Milliseconds that a daemon has to answer. */
const ANSWER_WITHIN_MS = 1000;
/** Octets of an answer that are read; a daemon's has some 20,000. */
const LONGEST_ANSWER = 1 << 22;

/** Daemons of `ds dns` that run on the file, by `$DS_HOME/run`. */
export async function askDaemons(home: string, db: string): Promise<LiveDaemon[]> {
  const daemons = await listDaemons(home);
  const file = realPath(db);
  const ours = daemons.filter((daemon) => {
    return (
      daemon.block === 'dns' && daemon.state === 'running' && daemon.db !== undefined && realPath(daemon.db) === file
    );
  });
  return Promise.all(ours.map(ask));
}

async function ask({ pid, startedAt, endpoints }: RegistryEntry): Promise<LiveDaemon> {
  const admin = endpoints.find(({ name }) => name === 'admin');
  if (admin === undefined) return { pid, startedAt, problem: 'it has no admin endpoint' };
  try {
    return { pid, startedAt, ...readCounts(await fetchMetrics(admin.url)) };
  } catch (error) {
    return { pid, startedAt, problem: `no counts from ${admin.url}: ${messageOf(error)}` };
  }
}

async function fetchMetrics(admin: string): Promise<string> {
  const { request } = await import('../../../platform/http-client.js');
  const { statusCode, body } = await request(new URL('/metrics', admin), {
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  let text = '';
  body.setEncoding('utf8');
  for await (const chunk of body) {
    text += chunk;
    if (text.length > LONGEST_ANSWER) throw new Error('the answer does not end');
  }
  if (statusCode !== 200) throw new Error(text.trim().slice(0, 200));
  return text;
}

function readCounts(text: string): Pick<LiveDaemon, 'queries' | 'responses'> {
  const queries: Record<string, number> = {};
  const responses: ResponseCount[] = [];
  for (const { name, labels, value } of parseExposition(text)) {
    const { transport = '', type = '', rcode = '', source = '' } = labels;
    if (name === 'ds_dns_queries_total') queries[transport] = value;
    if (name === 'ds_dns_responses_total') responses.push({ type, rcode, source, count: value });
  }
  return { queries, responses: responses.sort((a, b) => b.count - a.count) };
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
