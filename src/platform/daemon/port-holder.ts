/**
 * Finds which process holds a listening TCP port or a bound UDP port, on Linux, through /proc. Best effort: a process of
 * another user keeps its descriptors to itself, and elsewhere there is no /proc; both give undefined.
 *
 *     /proc/net/tcp:  sl  local_address rem_address   st ... uid timeout inode
 *                     0:  0100007F:18F6 00000000:0000 0A ...   0       0 41337     (proc_pid_net(5); 0A = TCP_LISTEN)
 *     /proc/PID/fd/N  → socket:[41337]
 *
 * tcp6, udp and udp6 are alike. An address is printed in words of 32 bits, each as this machine keeps it: 127.0.0.1 is
 * 0100007F on a little-endian one.
 */
import { readdir, readFile, readlink } from 'node:fs/promises';
import { BlockList, type IPVersion, isIP } from 'node:net';
import { endianness } from 'node:os';
import type { ListenAddress } from './address.js';

export type Transport = 'tcp' | 'udp';

export interface PortHolder {
  readonly pid: number;
  /** The program's name, at most 15 characters as the kernel keeps it. */
  readonly name: string;
}

const TCP_LISTEN = '0A';

/** The holder of what keeps the address from being bound: the same address, or all of them. */
export async function findPortHolder(address: ListenAddress, transport: Transport): Promise<PortHolder | undefined> {
  const inodes = new Set([
    ...(await boundInodes(address, transport, `/proc/net/${transport}`)),
    ...(await boundInodes(address, transport, `/proc/net/${transport}6`)),
  ]);
  if (inodes.size === 0) return undefined;
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (/^\d+$/.test(pid) && (await holdsSocket(pid, inodes))) {
      const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
      return { pid: Number(pid), name: name.trim() };
    }
  }
  return undefined;
}

async function boundInodes({ host, port }: ListenAddress, transport: Transport, table: string): Promise<string[]> {
  const text = await readFile(table, 'utf8').catch(() => '');
  const inodes: string[] = [];
  for (const line of text.split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/);
    const [localHost = '', localPort = ''] = fields[1]?.split(':') ?? [];
    const inode = fields[9];
    // A UDP socket has no state of its own for being listened on.
    if (transport === 'tcp' && fields[3] !== TCP_LISTEN) continue;
    if (Number.parseInt(localPort, 16) !== port || inode === undefined) continue;
    if (excludeEachOther(host, readHost(localHost))) inodes.push(inode);
  }
  return inodes;
}

function readHost(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  if (endianness() === 'LE') bytes.swap32();
  return bytes.length === 4 ? bytes.join('.') : (bytes.toString('hex').match(/.{4}/g) ?? []).join(':');
}

const FAMILIES: ReadonlyMap<number, IPVersion> = new Map([
  [4, 'ipv4'],
  [6, 'ipv6'],
]);

const everyHost = new BlockList();
everyHost.addAddress('0.0.0.0', 'ipv4');
everyHost.addAddress('::', 'ipv6');

function excludeEachOther(wanted: string, bound: string): boolean {
  const wantedFamily = FAMILIES.get(isIP(wanted));
  const boundFamily = FAMILIES.get(isIP(bound));
  // What a name stands for is not known here.
  if (wantedFamily === undefined || boundFamily === undefined) return true;
  if (everyHost.check(wanted, wantedFamily) || everyHost.check(bound, boundFamily)) return true;
  const same = new BlockList();
  same.addAddress(wanted, wantedFamily);
  return same.check(bound, boundFamily);
}

async function holdsSocket(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  for (const descriptor of await readdir(folder).catch(() => [])) {
    const target = await readlink(`${folder}/${descriptor}`).catch(() => '');
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== undefined && inodes.has(inode)) return true;
  }
  return false;
}
