/**
 * Syslog over UDP (RFC 5426): a datagram is a message. Nobody can be told to wait, so what finds no room is dropped: by this process, which
 * counts it, or by the kernel before, which counts too.
 */
import { createSocket, type Socket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ListenAddress } from '../../../../platform/daemon/address.js';
import { datagramType, listenDatagram } from '../../../../platform/daemon/listen.js';
import type { SyslogCounts } from './counts.js';
import type { SyslogPump } from './pump.js';

/** Bytes that the kernel keeps while the event loop is busy; it takes as much as it may (net.core.rmem_max). */
const RECEIVE_BUFFER = 4 * 1024 * 1024;
/** Looks at the end, a millisecond and some 32 datagrams each: senders who do not stop do not hold it up. */
const MOST_LAST_LOOKS = 1_000;
/** Looks in a row without a datagram: what was sent is on its way through a busy kernel that long, from this machine, too. */
const QUIET_LOOKS = 20;

export class SyslogUdp {
  readonly #socket: Socket;
  readonly #pump: SyslogPump;
  readonly #counts: SyslogCounts;
  readonly #isIpv6: boolean;
  #port = 0;
  #received = 0;
  #closed = false;
  /** As the kernel said it last, before the socket was gone. */
  #lastDrops: Promise<number | undefined> | undefined;

  constructor(host: string, pump: SyslogPump, counts: SyslogCounts) {
    this.#pump = pump;
    this.#counts = counts;
    const type = datagramType(host);
    this.#isIpv6 = type === 'udp6';
    this.#socket = createSocket({ type, recvBufferSize: RECEIVE_BUFFER });
  }

  /** Resolves with the address bound. Errors: `listen.*`. */
  async listen(address: ListenAddress, flag: string): Promise<ListenAddress> {
    const bound = await listenDatagram(this.#socket, { address, flag });
    this.#port = bound.port;
    this.#socket.on('message', (datagram, peer) => this.#receive(datagram, peer.address));
    // An ICMP error of some peer; there is nobody to tell, and the socket goes on.
    this.#socket.on('error', () => {});
    return bound;
  }

  /**
   * Datagrams that the kernel has dropped because its buffer was full; undefined where it does not say (it does on Linux, in
   * /proc/net/udp; proc_net(5)). Of a port that is closed: until then.
   */
  async kernelDrops(): Promise<number | undefined> {
    return this.#lastDrops ?? this.#readDrops();
  }

  async #readDrops(): Promise<number | undefined> {
    const table = this.#isIpv6 ? '/proc/net/udp6' : '/proc/net/udp';
    const text = await readFile(table, 'latin1').catch(() => undefined);
    return text === undefined ? undefined : dropsOfPort(text, this.#port);
  }

  /** What has arrived is read, as far as there is room for it; safe to call twice. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (let look = 0, quiet = 0; look < MOST_LAST_LOOKS && quiet < QUIET_LOOKS; look++) {
      const before = this.#received;
      await sleep(1);
      quiet = before === this.#received ? quiet + 1 : 0;
    }
    const drops = this.#readDrops();
    await drops;
    this.#lastDrops = drops;
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }

  #receive(datagram: Buffer, peer: string): void {
    this.#received++;
    if (this.#pump.full) {
      this.#counts.dropped++;
      return;
    }
    this.#counts.messages++;
    this.#pump.add(datagram, 0, datagram.length, peer);
  }
}

/**
 *     sl  local_address rem_address   st … inode ref pointer drops
 *     7:  0100007F:158A 00000000:0000 07 … 41337 2   0…0     3
 */
function dropsOfPort(table: string, port: number): number | undefined {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const line of table.split('\n')) {
    const columns = line.trim().split(/\s+/);
    if (columns[1]?.endsWith(suffix)) return Number(columns.at(-1));
  }
  return undefined;
}
