/** How much memory a process has. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * Bytes: on Linux the most that it had since its start (proc_pid_status(5): VmHWM), elsewhere what it has now. Undefined where the system
 * does not tell.
 */
export async function residentBytes(pid: number): Promise<number | undefined> {
  const kilobytes = (await fromStatus(pid)) ?? (await fromPs(pid));
  return kilobytes === undefined ? undefined : kilobytes * 1024;
}

async function fromStatus(pid: number): Promise<number | undefined> {
  try {
    return wholeNumber(/^VmHWM:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}

async function fromPs(pid: number): Promise<number | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)], { timeout: 2_000 });
    return wholeNumber(stdout.trim());
  } catch {
    return undefined;
  }
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
