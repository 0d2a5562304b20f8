/** What there is behind which path, and by which protocol its errors are told. */
import type { Call } from './call.js';
import { elasticHealth, elasticInfo, elasticLicense, pushBulk } from './elasticsearch.js';
import type { LokiExplore } from './loki-explore.js';
import { pushLoki } from './loki-push.js';
import type { LokiQueries } from './loki-query.js';
import { pushLines } from './ndjson.js';
import { pushOtlp } from './otlp.js';
import type { Protocol } from './protocols.js';
import type { Writer } from './writer.js';

export interface Route {
  /** For the metrics. */
  readonly name: string;
  readonly methods: readonly string[];
  /** The whole path; parts in parentheses go to the call. */
  readonly path: RegExp;
  readonly protocol: Protocol;
  /** What a token has to allow; `nothing`: even no token is asked for. */
  readonly needs: 'read' | 'write' | 'any' | 'nothing';
  handle(call: Call): Promise<void> | void;
}

export interface RouteParts {
  readonly writer: Writer;
  readonly queries: LokiQueries;
  readonly explore: LokiExplore;
  readonly version: string;
  readonly nextId: () => string;
  /** Throws when the daemon cannot serve. */
  checkReady(): Promise<void>;
}

const ASK = ['GET', 'POST'];

export function routesOf(parts: RouteParts): readonly Route[] {
  return [...pushRoutes(parts), ...lokiRoutes(parts), ...exploreRoutes(parts), ...elasticRoutes(parts)];
}

function pushRoutes({ writer }: RouteParts): readonly Route[] {
  return [
    {
      name: 'push',
      methods: ['POST'],
      path: /^\/loki\/api\/v1\/push$/,
      protocol: 'loki',
      needs: 'write',
      handle: (call) => pushLoki(call, writer),
    },
    {
      name: 'otlp',
      methods: ['POST'],
      path: /^(?:\/otlp)?\/v1\/logs$/,
      protocol: 'otlp',
      needs: 'write',
      handle: (call) => pushOtlp(call, writer),
    },
    {
      name: 'ingest',
      methods: ['POST'],
      path: /^\/ingest$/,
      protocol: 'ds',
      needs: 'write',
      handle: (call) => pushLines(call, writer),
    },
  ];
}

function asked(name: string, path: RegExp, handle: Route['handle']): Route {
  return { name, methods: ASK, path, protocol: 'loki', needs: 'read', handle };
}

function exploreRoutes({ explore, version }: RouteParts): readonly Route[] {
  return [
    asked('index_stats', /^\/loki\/api\/v1\/index\/stats$/, (call) => explore.stats(call)),
    asked('volume', /^\/loki\/api\/v1\/index\/volume$/, (call) => explore.volume(call, false)),
    asked('volume_range', /^\/loki\/api\/v1\/index\/volume_range$/, (call) => explore.volume(call, true)),
    asked('detected_labels', /^\/loki\/api\/v1\/detected_labels$/, (call) => explore.detectedLabels(call)),
    asked('detected_fields', /^\/loki\/api\/v1\/detected_fields$/, (call) => explore.detectedFields(call)),
    asked('detected_values', /^\/loki\/api\/v1\/detected_field\/([^/]+)\/values$/, (call) =>
      explore.detectedValues(call),
    ),
    asked('drilldown_limits', /^\/loki\/api\/v1\/drilldown-limits$/, (call) => explore.limits(call, version)),
  ];
}

function lokiRoutes({ queries, version, checkReady }: RouteParts): readonly Route[] {
  return [
    asked('query_range', /^\/loki\/api\/v1\/query_range$/, (call) => queries.queryRange(call)),
    asked('query', /^\/loki\/api\/v1\/query$/, (call) => queries.query(call)),
    asked('labels', /^\/loki\/api\/v1\/labels?$/, (call) => queries.labels(call)),
    asked('label_values', /^\/loki\/api\/v1\/label\/([^/]+)\/values$/, (call) => queries.labelValues(call)),
    asked('series', /^\/loki\/api\/v1\/series$/, (call) => queries.series(call)),
    asked('format_query', /^\/loki\/api\/v1\/format_query$/, (call) => queries.format(call)),
    {
      name: 'ready',
      methods: ['GET', 'HEAD'],
      path: /^\/ready$/,
      protocol: 'loki',
      needs: 'nothing',
      handle: async (call) => {
        await checkReady();
        call.text('ready\n');
      },
    },
    {
      name: 'buildinfo',
      methods: ['GET'],
      path: /^(?:\/loki)?\/api\/v1\/status\/buildinfo$/,
      protocol: 'loki',
      needs: 'any',
      handle: (call) => call.json({ version, revision: '', branch: 'ds log serve', goVersion: '' }),
    },
  ];
}

function elasticRoutes({ writer, nextId }: RouteParts): readonly Route[] {
  const elastic = { protocol: 'elasticsearch', needs: 'any', methods: ['GET', 'HEAD'] } as const;
  return [
    { ...elastic, name: 'elastic_info', path: /^\/$/, handle: elasticInfo },
    { ...elastic, name: 'elastic_license', path: /^\/_license$/, handle: elasticLicense },
    { ...elastic, name: 'elastic_health', path: /^\/_cluster\/health$/, handle: elasticHealth },
    {
      name: 'bulk',
      methods: ['POST', 'PUT'],
      path: /^(?:\/([^/_][^/]*))?\/_bulk$/,
      protocol: 'elasticsearch',
      needs: 'write',
      handle: (call) => pushBulk(call, writer, nextId),
    },
  ];
}

/** For a path that is none: in the words of the protocol that it seems to be of. */
export function protocolOf(path: string): Protocol {
  if (/^\/(loki|api)\//.test(path) || path === '/config') return 'loki';
  if (/^\/(otlp|v1)\//.test(path)) return 'otlp';
  return /^\/([^/]+\/)?_/.test(path) ? 'elasticsearch' : 'ds';
}
