/** Runs one health check. Its outcome is a text: empty when the target is well, else why it is not. */
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { reasonOf } from '../../client/attempt.js';
import type { Check } from '../../discovery/check.js';

/** Where a target is: its address or name, and its port where its record has one. */
export interface Place {
  readonly address: string;
  readonly port: number | undefined;
}

/** Never rejects. `signal` ends it: then the outcome says so. */
export async function runCheck(check: Check, place: Place, timeoutMs: number, signal: AbortSignal): Promise<string> {
  // Not AbortSignal.any() of AbortSignal.timeout(): nothing holds the latter, and once it is collected it never ends anything.
  const patience = new AbortController();
  const end = () => patience.abort();
  const timer = setTimeout(end, timeoutMs);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  try {
    return await outcomeOf(check, place, patience.signal);
  } catch (error) {
    if (signal.aborted) return 'stopped';
    return patience.signal.aborted ? `no answer within ${timeoutMs} ms` : reasonOf(error);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}

async function outcomeOf(check: Check, place: Place, patience: AbortSignal): Promise<string> {
  patience.throwIfAborted();
  if (check.kind === 'command') return runCommand(check.command, place, patience);
  const target = { address: check.host ?? place.address, port: check.port ?? place.port };
  return check.kind === 'tcp' ? connectTo(target, patience) : get(check, target, patience);
}

function connectTo({ address, port }: Place, signal: AbortSignal): Promise<string> {
  if (port === undefined) return Promise.resolve('the check names no port');
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, signal });
    socket.once('connect', () => {
      socket.destroy();
      resolve('');
    });
    socket.once('error', reject);
  });
}

async function get(
  check: Extract<Check, { path: string }>,
  { address, port }: Place,
  signal: AbortSignal,
): Promise<string> {
  const { Client } = await import('../../../../platform/http-client.js');
  const host = address.includes(':') ? `[${address}]` : address;
  // A connection for each check: one that is kept would not notice that the server takes no new ones.
  const client = new Client(`${check.kind}://${host}${port === undefined ? '' : `:${port}`}`);
  try {
    const headers = { 'user-agent': 'ds-dns health check' };
    const { statusCode, body } = await client.request({ method: 'GET', path: check.path, signal, headers });
    body.on('error', () => {});
    return statusCode >= 200 && statusCode < 400 ? '' : `status ${statusCode}`;
  } finally {
    // The body's length is the target's to choose, and nothing of it is of interest.
    await client.destroy();
  }
}

function runCommand(command: string, { address, port }: Place, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', command], {
      stdio: 'ignore',
      // A group of its own, so that what the command has started ends with it.
      detached: true,
      env: { PATH: DEFAULT_PATH, DS_ADDRESS: address, DS_PORT: port === undefined ? '' : String(port) },
    });
    const stop = () => killGroup(child.pid);
    signal.addEventListener('abort', stop, { once: true });
    child.once('error', reject);
    child.once('close', (code, killedBy) => {
      signal.removeEventListener('abort', stop);
      if (signal.aborted) reject(signal.reason);
      else resolve(code === 0 ? '' : `exit code ${code ?? killedBy}`);
    });
  });
}

/** As a login without a profile has it; the daemon's environment may hold secrets that are no check's business. */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}
