/**
 * Finds which process holds a listening TCP port, on Linux, through /proc. Best effort: a process of another user
 * keeps its descriptors to itself, and elsewhere there is no /proc; both give undefined.
 *
 *     /proc/net/tcp:  sl  local_address rem_address   st ... uid timeout inode
 *                     0:  0100007F:18F6 00000000:0000 0A ...   0       0 41337     (proc_pid_net(5); 0A = TCP_LISTEN)
 *     /proc/PID/fd/N  → socket:[41337]
 */
import { readdir, readFile, readlink } from 'node:fs/promises';

export interface PortHolder {
  readonly pid: number;
  /** The program's name, at most 15 characters as the kernel keeps it. */
  readonly name: string;
}

const TCP_LISTEN = '0A';

export async function findPortHolder(port: number): Promise<PortHolder | undefined> {
  const inodes = new Set([
    ...(await listeningInodes('/proc/net/tcp', port)),
    ...(await listeningInodes('/proc/net/tcp6', port)),
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

async function listeningInodes(table: string, port: number): Promise<string[]> {
  const text = await readFile(table, 'utf8').catch(() => '');
  const inodes: string[] = [];
  for (const line of text.split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/);
    const localPort = Number.parseInt(fields[1]?.split(':')[1] ?? '', 16);
    const inode = fields[9];
    if (fields[3] === TCP_LISTEN && localPort === port && inode !== undefined) inodes.push(inode);
  }
  return inodes;
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
