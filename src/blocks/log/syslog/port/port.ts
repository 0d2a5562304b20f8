/** A port that takes syslog: over UDP, TCP, or TLS, or over UDP and TCP with one number. */
import type { Clock } from '../../../../platform/clock.js';
import type { ListenAddress } from '../../../../platform/daemon/address.js';
import type { Labels } from '../../labels.js';
import { readZoneName } from '../../transform/timestamp/zone.js';
import { SyslogIntake } from '../intake.js';
import { noCounts, type SyslogCounts } from './counts.js';
import { SyslogPump, type TakeEntries } from './pump.js';
import { SyslogTcp, type SyslogTcpTimes, type SyslogTls } from './tcp.js';
import { SyslogUdp } from './udp.js';

export type SyslogTransport = 'udp' | 'tcp' | 'tls';

export interface SyslogOptions extends SyslogTcpTimes {
  /** `udp` and `tcp` may share a port; `tls` is alone. */
  readonly transports: readonly SyslogTransport[];
  readonly address: ListenAddress;
  /** How the user says another address: `ds log serve --syslog`. */
  readonly flag: string;
  /** Wanted for `tls`. */
  readonly tls?: SyslogTls | undefined;
  readonly clock: Clock;
  /** Of timestamps that do not say how far from UTC they are: `Europe/Berlin`. Default: UTC. */
  readonly timezone?: string | undefined;
  /** Put on every stream. */
  readonly labels?: Labels | undefined;
  readonly take: TakeEntries;
}

export interface SyslogPort {
  /** Really bound. */
  readonly address: ListenAddress;
  readonly counts: Readonly<SyslogCounts>;
  /** Datagrams that the kernel dropped before they were seen, until it is closed; undefined without UDP, or where the kernel does not say. */
  kernelDrops(): Promise<number | undefined>;
  /** Rejects when `take` is rejected: the port takes nothing more then. Resolves never. */
  readonly failed: Promise<never>;
  /** Resolves when all that was received is safe. Rejects where `take` was rejected. */
  close(): Promise<void>;
}

/** Errors: `listen.*`, `log.bad_timezone`. */
export async function openSyslogPort(options: SyslogOptions): Promise<SyslogPort> {
  const { transports, flag, clock, labels } = options;
  const zone = options.timezone === undefined ? undefined : readZoneName(options.timezone);
  const counts = noCounts();
  const pump = new SyslogPump(new SyslogIntake({ clock, zone, labels }), options.take);
  const overStreams = transports.some((transport) => transport !== 'udp');
  const tcp = overStreams
    ? new SyslogTcp(pump, counts, transports.includes('tls') ? wantedTls(options.tls) : undefined, options)
    : undefined;
  const udp = transports.includes('udp') ? new SyslogUdp(options.address.host, pump, counts) : undefined;
  let address = options.address;
  const close = async () => {
    await Promise.all([tcp?.close(), udp?.close()]);
    await pump.drain();
  };
  try {
    if (tcp !== undefined) address = await tcp.listen(address, flag);
    if (udp !== undefined) address = await udp.listen(address, flag);
  } catch (error) {
    await close();
    throw error;
  }
  return { address, counts, failed: pump.failed, close, kernelDrops: async () => udp?.kernelDrops() };
}

function wantedTls(tls: SyslogTls | undefined): SyslogTls {
  if (tls === undefined) throw new Error('a TLS port wants a certificate');
  return tls;
}
