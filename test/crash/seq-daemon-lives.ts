/** A daemon under load that is killed and started again, and what its clients were told. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { openRemoteSequencer } from '../../src/blocks/seq/remote/index.js';
import type { Sequencer } from '../../src/blocks/seq/sequencer.js';
import { systemClock } from '../../src/platform/clock.js';
import { DsError } from '../../src/platform/errors.js';
import type { Ledger } from './seq-ledger.js';
import { type Kills, momentOfDeath, spawnDs } from './seq-process-lives.js';

/** Added to a daemon's life, in ms, so that most of them see clients. */
const CONNECT_MS = 100;

/** What clients know of a gapless sequence. */
export class GaplessLedger {
  /** Commits that were answered. */
  readonly committed = new Set<bigint>();
  /** Commits whose answer never came: they may have happened. */
  readonly unanswered = new Set<bigint>();
  readonly violations: string[] = [];

  answered(number: bigint): void {
    if (this.committed.has(number)) this.violations.push(`${number} was committed twice`);
    this.committed.add(number);
  }
}

export interface DaemonLedgers {
  readonly ids: Ledger;
  readonly tickets: Ledger;
  readonly gapless: GaplessLedger;
}

export async function runDaemonLives(db: string, home: string, kills: Kills, ledgers: DaemonLedgers): Promise<void> {
  for (let life = 0; !kills.over; life++) {
    const { child, ended } = spawnDs(
      ['seq', 'serve', '--db', db, '--listen', '127.0.0.1:0', '--http', 'off', '--admin', 'off', '--json'],
      home,
    );
    const lines = createInterface({ input: child.stdout });
    const ready = await Promise.race([once(lines, 'line'), ended]);
    if (ready === undefined) throw new Error('the daemon died before it was ready');
    const url = redisUrl(String(ready[0]));
    const clients = [pipelineLoad(url, `daemon life ${life}`, ledgers), gaplessLoad(url, ledgers.gapless)];
    setTimeout(() => child.kill('SIGKILL'), CONNECT_MS + momentOfDeath().ms);
    await Promise.all([ended, ...clients]);
    kills.done++;
  }
}

function redisUrl(readyLine: string): string {
  const url = /"(redis:[^"]+)"/.exec(readyLine)?.[1];
  if (url === undefined) throw new Error(`no redis endpoint in ${readyLine}`);
  return url;
}

/** One connection that keeps tickets and IDs in flight until the daemon is gone. */
function pipelineLoad(url: string, name: string, ledgers: DaemonLedgers): Promise<void> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const request = `${'INCR orders\r\n'.repeat(20)}SEQ.NEXT twitter 100\r\n`;
  const ticket = ledgers.tickets.openStream(`${name}, tickets`);
  const id = ledgers.ids.openStream(`${name}, IDs`);
  let rest = '';
  socket.on('connect', () => socket.write(request.repeat(4)));
  socket.on('data', (chunk) => {
    const lines = (rest + chunk.toString('latin1')).split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith(':')) ticket(BigInt(line.slice(1)));
      else if (line.startsWith('-')) ledgers.tickets.violations.push(`${name}: ${line}`);
      else if (line.startsWith('*')) socket.write(request);
      else if (!line.startsWith('$')) id(BigInt(line));
    }
  });
  return new Promise((resolve) => {
    socket.on('error', () => {});
    socket.on('close', () => resolve());
  });
}

/** One client that reserves and commits, and now and then aborts or forgets, until the daemon is gone. */
async function gaplessLoad(url: string, ledger: GaplessLedger): Promise<void> {
  try {
    await reserveAndCommit(await openRemoteSequencer(url, { clock: systemClock }), ledger);
  } catch (error) {
    if (!(error instanceof DsError) || error.kind !== 'peer') throw error;
  }
}

/** Ends when the connection does, by throwing. */
async function reserveAndCommit({ tickets, close }: Sequencer, ledger: GaplessLedger): Promise<never> {
  try {
    for (;;) {
      const ticket = await tickets.reserve('invoices', { holder: 'crash test', ttlMs: 200 });
      const whim = Math.random();
      if (whim < 0.1) await settle(() => tickets.abort(ticket));
      else if (whim < 0.95) await commit(() => tickets.commit(ticket), ticket.number, ledger);
    }
  } finally {
    await close().catch(() => {});
  }
}

/** False when the number was given to somebody else meanwhile. */
async function settle(send: () => Promise<void>): Promise<boolean> {
  try {
    await send();
    return true;
  } catch (error) {
    if (error instanceof DsError && error.code === 'seq.ticket_lost') return false;
    throw error;
  }
}

async function commit(send: () => Promise<void>, number: bigint, ledger: GaplessLedger): Promise<void> {
  try {
    if (await settle(send)) ledger.answered(number);
  } catch (error) {
    ledger.unanswered.add(number);
    throw error;
  }
}
