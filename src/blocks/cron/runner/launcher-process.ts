/** Starts the process of a launcher. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import type { Writable } from 'node:stream';
import { launcherScript } from './launcher-script.js';

export interface LauncherProcess {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly requests: Writable;
  readonly events: Interface;
  /** Processes whose parent has ended become its children. */
  readonly adopts: boolean;
}

/** Numbers of prctl(2), which Perl does not know by name. Elsewhere what jobs leave behind is looked for among all processes. */
const prctlNumbers: Readonly<Record<string, string>> = { x64: '157', arm64: '167' };

/** Undefined where there is no Perl. `path` is where it is looked for. */
export async function startLauncher(path: string | undefined): Promise<LauncherProcess | undefined> {
  // Little of the daemon's environment: what is meant for another Perl could change this one.
  const env = { PERL_BADLANG: '0', ...(path === undefined ? {} : { PATH: path }) };
  const words = ['-e', launcherScript, prctlNumbers[process.arch] ?? ''];
  // A session of its own: Ctrl-C in a terminal is for the daemon alone, which may let its jobs end.
  const child = spawn('perl', words, { stdio: ['pipe', 'pipe', 'ignore'], detached: true, cwd: '/', env });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  const events = createInterface({ input: child.stdout });
  const ready = await Promise.race([once(events, 'line'), once(events, 'close')]);
  if (child.pid === undefined || ready[0] === undefined) return undefined;
  const adopts = ready[0] === 'ready 1' && existsSync(childrenFile(child.pid));
  return { process: child, pid: child.pid, requests: child.stdin, events, adopts };
}

export function childrenFile(pid: number): string {
  return `/proc/${pid}/task/${pid}/children`;
}
