/**
 * The daemon: a collector and Loki's query API over the store on a file.
 *
 *     HTTP(S) port ─▶ service ─▶ handlers ─▶ writer ─▶ ingest ─▶ store        service.ts draws the way of a request
 *     syslog port ──────────────────────────────────────┘
 *     compaction, retention, the tokens file                                each in a loop of its own, until the stop
 *
 * It stops from the outside in: no new connections, what is under way gets its grace, then what waits for the disk, then the store.
 */

import { formatAddress } from '../../platform/daemon/address.js';
import type { DaemonContext, Endpoint, RawOptions, RunningDaemon } from '../../platform/daemon/block.js';
import { ALL_TIME } from './log-store.js';
import { Bodies } from './server/bodies.js';
import type { Call } from './server/call.js';
import { documentIds } from './server/ids.js';
import { Ingest } from './server/ingest.js';
import { LokiExplore } from './server/loki-explore.js';
import { LokiQueries } from './server/loki-query.js';
import { Tails } from './server/loki-tail.js';
import { LogMetrics } from './server/metrics.js';
import { LogPort } from './server/port.js';
import { QueryTurns } from './server/query-turns.js';
import { routesOf } from './server/routes.js';
import { LogService } from './server/service.js';
import { readSetup, type Setup } from './server/setup.js';
import { openStoredLogs, readQuery, type StoredLogs } from './server/stored-logs.js';
import { StreamBounds } from './server/stream-bounds.js';
import { openSyslog } from './server/syslog-into-store.js';
import { Writer } from './server/writer.js';
import type { SyslogPort } from './syslog/port/port.js';

/** Errors: those of readSetup, before anything is opened; `listen.*`, those of the store. */
export async function startLogServer(raw: RawOptions, context: DaemonContext): Promise<RunningDaemon> {
  const setup = await readSetup(raw, context);
  const server = new LogServer(setup, context, openStoredLogs(setup, context));
  try {
    await server.start();
    return server;
  } catch (error) {
    await server.stop(0);
    throw error;
  }
}

class LogServer implements RunningDaemon {
  readonly db: string;
  readonly #setup: Setup;
  readonly #context: DaemonContext;
  readonly #logs: StoredLogs;
  readonly #ingest: Ingest;
  readonly #metrics: LogMetrics;
  readonly #service: LogService;
  readonly #port: LogPort;
  readonly #tails: Tails;
  readonly #stopping = new AbortController();
  #syslog: SyslogPort | undefined;
  #loops: Promise<unknown> = Promise.resolve();
  #cutOff: string | undefined;

  constructor(setup: Setup, context: DaemonContext, logs: StoredLogs) {
    const { clock, logger, random, version } = context;
    this.#setup = setup;
    this.#context = context;
    this.#logs = logs;
    this.db = logs.path;
    const bodies = new Bodies();
    this.#ingest = new Ingest((tenant, batch) => logs.append(tenant, batch));
    this.#metrics = new LogMetrics(
      context.metrics,
      {
        figures: () => logs.figures(),
        pendingBytes: () => this.#ingest.pendingBytes,
        heldBytes: () => bodies.held,
        tails: () => this.#tails.count,
      },
      clock,
    );
    const bounds = new StreamBounds((tenant) => logs.tenant(tenant).series([], ALL_TIME), clock);
    const writer = new Writer({
      ingest: this.#ingest,
      bounds,
      metrics: this.#metrics,
      clock,
      keptFrom: () => logs.keptFrom,
    });
    const asking = {
      clock,
      turns: new QueryTurns(),
      logsOf: ({ grant }: Call) => logs.tenant(grant.tenant),
      read: readQuery,
    };
    this.#tails = new Tails({ clock, logger, dropped: (count) => this.#metrics.dropped(count) });
    this.#service = new LogService({
      bodies,
      clock,
      logger,
      gate: setup.gate,
      tails: this.#tails,
      metrics: this.#metrics,
      routes: routesOf({
        writer,
        queries: new LokiQueries(asking),
        explore: new LokiExplore(asking),
        version,
        nextId: documentIds(random),
        checkReady: () => this.checkReady(),
      }),
      logsOf: (grant) => logs.tenant(grant.tenant),
      read: readQuery,
    });
    this.#port = new LogPort(this.#service, setup.tls);
  }

  get endpoints(): readonly Endpoint[] {
    const http = { name: 'http', url: this.#port.url };
    if (this.#syslog === undefined) return [http];
    const at = formatAddress(this.#syslog.address);
    return [http, { name: 'syslog', url: `syslog+tcp://${at}` }];
  }

  get detail(): string {
    const { entries, streams } = this.#logs.figures();
    const count = (of: number, one: string, many: string) => `${of.toLocaleString('en-US')} ${of === 1 ? one : many}`;
    return `${count(entries, 'entry', 'entries')}, ${count(streams, 'stream', 'streams')}`;
  }

  get hint(): string {
    const token = this.#setup.tokens === undefined ? '' : ' -H "Authorization: Bearer $TOKEN"';
    return `curl${token} --data-binary 'hello' '${this.#port.url}/ingest?app=demo'`;
  }

  async start(): Promise<void> {
    const { clock, logger } = this.#context;
    const { signal } = this.#stopping;
    const { listen, syslog, tokens } = this.#setup;
    await this.#port.listen(listen, 'ds log serve --listen');
    if (syslog !== undefined) {
      const parts = { ingest: this.#ingest, metrics: this.#metrics, clock, logger, stopping: signal };
      this.#syslog = await openSyslog({ address: syslog, ...parts });
      // Only once the stop has given up: it is told there.
      this.#syslog.failed.catch(() => {});
    }
    this.#loops = Promise.all([tokens?.watch(signal), this.#logs.keepUp(signal)]);
  }

  async checkReady(): Promise<void> {
    this.#logs.figures();
  }

  pending(): { readonly connections: number; readonly writes: number } {
    return { connections: this.#port.connections, writes: this.#ingest.pending };
  }

  cutOff(): string | undefined {
    return this.#cutOff;
  }

  async stop(graceMs: number): Promise<void> {
    const { clock, logger } = this.#context;
    const patience = new AbortController();
    const expired = clock.sleep(graceMs, patience.signal).catch(() => {});
    // What came by syslog and cannot be stored is tried again until the grace has passed, and then told by the log.
    const syslogClosed = this.#syslog
      ?.close()
      .catch((err: unknown) => logger.error({ err }, 'entries that came by syslog are lost'));
    try {
      const closed = this.#port.close();
      this.#tails.stop();
      await Promise.race([closed, expired]);
      const { active } = this.#service;
      if (active > 0) this.#cutOff = `${active} ${active === 1 ? 'request' : 'requests'} cut off`;
      this.#port.destroy();
      await closed;
      await Promise.race([syslogClosed, expired]);
    } finally {
      patience.abort();
      this.#stopping.abort();
      try {
        await syslogClosed;
        await this.#ingest.idle();
        await this.#loops;
      } finally {
        await this.#logs.close();
      }
    }
  }
}
