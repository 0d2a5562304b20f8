/**
 * The process of a launcher, from its start to its end. One that was stopped (SIGSTOP) or hangs is killed: what waits for it would
 * wait for ever.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import type { Writable } from 'node:stream';
import type { Clock } from '../../../platform/clock.js';
import { launcherScript } from './launcher-script.js';

export interface LauncherProcess {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly requests: Writable;
  readonly events: Interface;
  /** Processes whose parent has ended become its children. */
  readonly adopts: boolean;
}

/** Between two questions whether it answers, and how many may stay without an answer. Milliseconds. */
const ASK_MS = 10_000;
const MOST_UNANSWERED = 3;
/** To be ready, and to end when it is to, milliseconds. */
const READY_MS = 10_000;
const END_MS = 2_000;

/** Numbers of system calls, which Perl does not know by name, in the order of launcher-script.ts. Elsewhere Node starts the programs. */
const systemCalls: Readonly<Record<string, readonly number[]>> = {
  x64: [157, 112, 292, 59, 231, 14, 289, 436],
  arm64: [167, 157, 24, 221, 94, 135, 74, 436],
};

/**
 * Undefined where there is no Perl, or one that hangs, no numbers for it, or no /proc that lets us read its descriptors. `path` is
 * where Perl is looked for.
 */
export async function startLauncher(path: string | undefined, clock: Clock): Promise<LauncherProcess | undefined> {
  const numbers = systemCalls[process.arch];
  if (numbers === undefined) return undefined;
  // Little of the daemon's environment: what is meant for another Perl could change this one.
  const env = { PERL_BADLANG: '0', ...(path === undefined ? {} : { PATH: path }) };
  const words = ['-e', launcherScript, ...numbers.map(String)];
  // A session of its own: Ctrl-C in a terminal is for the daemon alone, which may let its jobs end.
  const child = spawn('perl', words, { stdio: ['pipe', 'pipe', 'ignore'], detached: true, cwd: '/', env });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  const events = createInterface({ input: child.stdout });
  const over = new AbortController();
  const late = clock.sleep(READY_MS, over.signal).catch(() => {});
  const [ready] = (await Promise.race([once(events, 'line'), once(events, 'close'), late])) ?? [];
  over.abort();
  if (child.pid === undefined || ready === undefined || !existsSync(`/proc/${child.pid}/fd/0`)) {
    child.kill('SIGKILL');
    for (const pipe of [child.stdin, child.stdout]) pipe.destroy();
    return undefined;
  }
  const adopts = ready === 'ready 1' && existsSync(childrenFile(child.pid));
  return { process: child, pid: child.pid, requests: child.stdin, events, adopts };
}

export function childrenFile(pid: number): string {
  return `/proc/${pid}/task/${pid}/children`;
}

/** A request, see launcher-script.ts. */
export function frame(fields: readonly (string | number)[]): Buffer {
  const text = fields.join('\0');
  const bytes = Buffer.allocUnsafe(4 + Buffer.byteLength(text));
  bytes.writeUInt32BE(bytes.length - 4);
  bytes.write(text, 4);
  return bytes;
}

/** Ends when it has. Never rejects. */
export async function killWhenSilent({ process, requests, events }: LauncherProcess, clock: Clock): Promise<void> {
  const closed = new AbortController();
  process.once('close', () => closed.abort());
  let unanswered = 0;
  events.on('line', () => {
    unanswered = 0;
  });
  while (unanswered < MOST_UNANSWERED) {
    await clock.sleep(ASK_MS, closed.signal).catch(() => {});
    if (closed.signal.aborted) return;
    requests.write(frame(['ask']));
    unanswered++;
  }
  process.kill('SIGKILL');
}

/** Does not wait for what it has started. */
export async function endLauncher({ process, requests }: LauncherProcess, clock: Clock): Promise<void> {
  const closed = new AbortController();
  const kill = async () => {
    await clock.sleep(END_MS, closed.signal);
    process.kill('SIGKILL');
  };
  const killed = kill().catch(() => {});
  requests.end();
  await once(process, 'close');
  closed.abort();
  await killed;
}
