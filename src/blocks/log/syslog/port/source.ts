/** Syslog as a source of the agent: `syslog+udp://127.0.0.1:5514`, `syslog+tcp://…`, `syslog+tls://…`. */
import type { Clock } from '../../../../platform/clock.js';
import { formatAddress, type ListenAddress, readUnguardedAddress } from '../../../../platform/daemon/address.js';
import type { Source, TakeChunk } from '../../agent/source.js';
import { logErrors } from '../../errors.js';
import type { Labels } from '../../labels.js';
import { watchLosses } from './losses.js';
import { openSyslogPort, type SyslogPort, type SyslogTransport } from './port.js';
import type { SyslogTls } from './tcp.js';

export interface SyslogSourceOptions {
  /** `syslog+udp://HOST:PORT`; the port is 5514 where none is given. */
  readonly url: string;
  /** The user accepts that other machines send. */
  readonly insecure: boolean;
  /** Wanted for `syslog+tls`. */
  readonly tls?: SyslogTls | undefined;
  readonly clock: Clock;
  readonly timezone?: string | undefined;
  readonly labels?: Labels | undefined;
  /** Told what was lost so far, when that has changed: `12 datagrams dropped, …`. */
  readonly onLoss?: ((losses: string) => void) | undefined;
}

export interface SyslogSource extends Source {
  /** The port while it is open: its address and counts. */
  readonly port: SyslogPort | undefined;
}

const DEFAULT_PORT = 5514;
const URL = /^syslog\+(udp|tcp|tls):\/\/([^/?#@]+?)\/?$/;

export function isSyslogUrl(text: string): boolean {
  return text.startsWith('syslog+');
}

/** Errors: `log.bad_source`, `listen.bad_address`, `listen.not_loopback`; of `run()`: `listen.*`. */
export function createSyslogSource(options: SyslogSourceOptions): SyslogSource {
  const { url, tls, insecure } = options;
  const [, transport, place = ''] = URL.exec(url) ?? [];
  if (transport === undefined) {
    throw logErrors.error('log.bad_source', `"${url}" is not an address of syslog`, {
      hint: 'syslog+udp://127.0.0.1:5514, syslog+tcp://127.0.0.1:5514 or syslog+tls://127.0.0.1:6514',
    });
  }
  if (transport === 'tls' && tls === undefined) {
    throw logErrors.error('log.bad_source', `${url} wants a certificate`, {
      hint: 'add --tls-cert FILE --tls-key FILE',
    });
  }
  const text = /:\d+$/.test(place) ? place : `${place}:${DEFAULT_PORT}`;
  // TLS says who the receiver is, not who sends.
  const address = readUnguardedAddress(
    text,
    `syslog+${transport}`,
    { insecure },
    { opens: 'a port that takes syslog' },
  );
  return new ListeningSource(transport as SyslogTransport, address, options);
}

class ListeningSource implements SyslogSource {
  readonly name: string;
  #port: SyslogPort | undefined;

  constructor(
    private readonly transport: SyslogTransport,
    private readonly address: ListenAddress,
    private readonly options: SyslogSourceOptions,
  ) {
    this.name = `syslog ${transport} ${formatAddress(address)}`;
  }

  get port(): SyslogPort | undefined {
    return this.#port;
  }

  async run(take: TakeChunk, signal: AbortSignal): Promise<void> {
    const port = await openSyslogPort({
      ...this.options,
      transports: [this.transport],
      address: this.address,
      flag: `syslog+${this.transport}://`,
      take: (entries) => take({ entries, lines: entries.count }),
    });
    this.#port = port;
    const closed = new AbortController();
    const { clock, onLoss = () => {} } = this.options;
    const watching = watchLosses(port, clock, closed.signal, onLoss);
    try {
      await Promise.race([port.failed, aborted(signal)]);
    } finally {
      try {
        await port.close();
      } finally {
        closed.abort();
        await watching;
      }
    }
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
