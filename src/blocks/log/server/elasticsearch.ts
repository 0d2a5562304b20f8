/**
 * As much of Elasticsearch as shippers need: who it is, and _bulk. Each answer says X-Elastic-Product, without which Elastic's clients refuse
 * to go on.
 */
import { decodeBulk } from '../wire/elasticsearch-bulk.js';
import { STREAM_LABELS } from '../wire/stream-labels-header.js';
import type { Call } from './call.js';
import { ELASTIC_JSON } from './protocols.js';
import type { Writer } from './writer.js';

export const ELASTIC_HEADERS = { 'x-elastic-product': 'Elasticsearch' } as const;

/** The version whose _bulk this is; shippers refuse to talk to one that is older than they are. */
const VERSION = '9.0.0';
const NAME = 'ds-log';

export function elasticInfo(call: Call): void {
  answer(call, {
    name: NAME,
    cluster_name: NAME,
    cluster_uuid: 'ds-log-serve',
    version: {
      number: VERSION,
      build_flavor: 'default',
      build_type: 'tar',
      lucene_version: '10.1.0',
      minimum_wire_compatibility_version: '8.18.0',
      minimum_index_compatibility_version: '8.0.0',
    },
    tagline: 'You Know, for Search',
  });
}

/** Beats ask for it at their start, and take no cluster without one. */
export function elasticLicense(call: Call): void {
  answer(call, { license: { status: 'active', uid: 'ds-log-serve', type: 'basic', mode: 'basic' } });
}

export function elasticHealth(call: Call): void {
  answer(call, { cluster_name: NAME, status: 'green', timed_out: false, number_of_nodes: 1, number_of_data_nodes: 1 });
}

/** POST /_bulk and /INDEX/_bulk. */
export async function pushBulk(call: Call, writer: Writer, nextId: () => string): Promise<void> {
  const startedAt = writer.now;
  const decoded = decodeBulk(await call.body(), call.name, {
    now: startedAt,
    ownLabels: call.request.headers[STREAM_LABELS] === 'true',
  });
  const { refusals, refusedStreams } = await writer.write(call, 'elasticsearch', decoded);
  let errors = false;
  const items = decoded.items.map(({ action, index, id, stream, error: wrong }) => {
    const about = { _index: index, _id: id ?? nextId() };
    const isTooMany = stream !== undefined && refusedStreams.has(stream);
    const error = isTooMany ? { type: 'illegal_argument_exception', reason: refusals.last } : wrong;
    if (error !== undefined) {
      errors = true;
      return { [action]: { ...about, status: 400, error } };
    }
    const done = { _version: 1, result: 'created', _shards: { total: 1, successful: 1, failed: 0 } };
    return { [action]: { ...about, ...done, _seq_no: 0, _primary_term: 1, status: 201 } };
  });
  answer(call, { took: Number((writer.now - startedAt) / 1_000_000n), errors, items });
}

function answer(call: Call, value: unknown): void {
  call.send(200, ELASTIC_JSON, JSON.stringify(value), ELASTIC_HEADERS);
}
