/** What several servers answered, as rows and as a document. */
import type { ComparedServer, Comparison } from '../client/compare-servers.js';
import { recordsThatCount } from '../compare/agreement.js';
import { className, rcodeName, typeName } from '../wire.js';
import type { JsonObject } from './json.js';
import { outcomeOf } from './outcome.js';
import { recordRow } from './rows.js';

export interface ComparedRow {
  readonly server: string;
  /** Of its group; empty where it did not answer. */
  readonly group: string;
  /** `answer`, `nodata`, `nxdomain` …; `failed` where it did not answer. */
  readonly outcome: string;
  readonly rcode: string;
  readonly authoritative: boolean;
  /** Seconds, the lowest; undefined without records. */
  readonly ttl: number | undefined;
  readonly ms: number | undefined;
  /** Type and data of records; why there is none where it did not answer. */
  readonly answers: readonly string[];
}

export function comparedRows({ servers, groups }: Comparison): ComparedRow[] {
  return servers.map((one, index) => {
    const group = groups.find(({ members }) => members.includes(index))?.name ?? '';
    return { server: one.server, group, ...rowOf(one) };
  });
}

function rowOf({ outcome }: ComparedServer): Omit<ComparedRow, 'server' | 'group'> {
  if ('error' in outcome) {
    const { message } = outcome.error;
    return {
      ...{ outcome: 'failed', rcode: '', authoritative: false, ttl: undefined, ms: undefined, answers: [message] },
    };
  }
  const { response, elapsedMs } = outcome.found.exchange;
  const records = recordsThatCount(response).map(recordRow);
  return {
    outcome: outcomeOf(response).kind,
    rcode: rcodeName(response.rcode),
    authoritative: response.authoritative,
    ttl: records.length === 0 ? undefined : Math.min(...records.map(({ ttl }) => ttl)),
    ms: elapsedMs,
    answers: records.map(({ type, data }) => `${type} ${data}`),
  };
}

/** `3 servers agree`; who differs, and who did not answer. */
export function sayAgreement({ agree, groups, servers }: Comparison): string {
  if (agree) return `${servers.length} servers agree`;
  const answered = groups.reduce((sum, { members }) => sum + members.length, 0);
  const silent = servers.length - answered;
  const gaveNone = silent === 0 ? [] : [`${silent} did not answer`];
  if (answered === 0) return `none of ${servers.length} servers answered`;
  const different = groups.length === 1 ? sayOneGroup(answered) : `${groups.length} different answers`;
  return `${servers.length} servers do not agree: ${[different, ...gaveNone].join(', ')}`;
}

const sayOneGroup = (answered: number) => (answered === 1 ? '1 answered' : `${answered} agree`);

/** How each group differs from the largest: `B: + www.shop.test. A 192.0.2.2`. */
export function sayDifferences({ groups }: Comparison): string[] {
  return groups.slice(1).flatMap(({ name, missing, extra }) => {
    const lines = [...missing.map((line) => `- ${line}`), ...extra.map((line) => `+ ${line}`)];
    return lines.map((line) => `${name}: ${line}`);
  });
}

export function comparisonJson(comparison: Comparison): JsonObject {
  const { lookup, agree, groups, servers } = comparison;
  const rows = comparedRows(comparison);
  return {
    name: lookup.name,
    type: typeName(lookup.type),
    class: className(lookup.class),
    agree,
    groups: groups.map(({ name, members, missing, extra }) => ({
      name,
      servers: members.map((index) => servers[index]?.server),
      missing,
      extra,
    })),
    servers: servers.map((one, index) => serverJson(one, rows[index]?.group ?? '')),
  };
}

function serverJson({ server, outcome }: ComparedServer, group: string): JsonObject {
  if ('error' in outcome) {
    const { code, message } = outcome.error;
    return { server, outcome: 'failed', error: code, message };
  }
  const { response, elapsedMs, address, transport } = outcome.found.exchange;
  return {
    ...{ server, address, transport, group },
    outcome: outcomeOf(response).kind,
    rcode: response.rcode,
    rcode_name: rcodeName(response.rcode),
    authoritative: response.authoritative,
    query_time_ms: Number(elapsedMs.toFixed(3)),
    records: recordsThatCount(response).map(recordRow),
  };
}
