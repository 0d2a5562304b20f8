/**
 * The sequencer's door: all that commands and other blocks may import.
 *
 * Light by construction: the SQLite store and the clients of a server are loaded when one is opened, because
 * `ds seq next` is measured as a whole process. So is the daemon's block, which loads its server when it serves.
 */
import { hostname } from 'node:os';
import type { Clock, Random } from '../../platform/clock.js';
import type { Block } from '../../platform/daemon/block.js';
import type { AuditOptions, AuditReport } from './audit/index.js';
import { BATCH, type IdLines, type IdLinesOptions, mustMakeHere, openLocalIdLines, remoteIdLines } from './id-lines.js';
import type { RemoteSequencer } from './remote/index.js';
import type { Sequencer } from './sequencer.js';
import type { AdoptReport } from './store/adopt.js';

export { type Finding, findingsOf, isSound } from './audit-findings.js';
export { idFormats } from './batch.js';
export { type DecodedId, decodeId } from './decode.js';
export { formatStamp, packStamp, parseStamp } from './hybrid-timestamp.js';
export { clockBackPolicies, type IdLines } from './id-lines.js';
export { DEFAULT_LAYOUT, type Layout, layoutNames, resolveLayout } from './layout/index.js';
export { type Plan, planLayout } from './plan.js';
export { timeRange } from './range.js';
export { parseWorker } from './rules/numbers.js';
export type * from './sequencer.js';
export { seqOptions } from './server/options.js';
export { collectStats, type SpaceStats } from './stats.js';
export type { AdoptReport, AuditReport };
export { BATCH as ID_BATCH };

/** Where `ds seq serve` listens when it is not told, for hints. */
export const seqUrl = 'redis://127.0.0.1:6390';

/** The block as the catalogue has it, for `ds seq serve`. */
export async function loadBlock(): Promise<Block> {
  return (await import('./block.js')).block;
}

/** Where the workers, tickets and clock live: a SQLite file, or a server (`ds seq serve`, Redis, Valkey). */
export type SequencerTarget =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string };

/** What a sequencer needs from outside. */
export interface SequencerContext {
  readonly clock: Clock;
  /** Identifies this machine: a file that another one has used is refused. */
  readonly machine: string;
}

export interface OpenOptions {
  /** See {@link SequencerStoreOptions.oneShot}; for commands that are measured as a whole process. */
  readonly oneShot?: boolean;
  /** Milliseconds to connect to a server. Default 5000. */
  readonly connectTimeoutMs?: number;
  /** Stops connecting. */
  readonly signal?: AbortSignal;
  /** Told what of the server's settings can lose numbers. */
  readonly onNotice?: (text: string) => void;
}

/** Opens the file in this process, or connects to the server. Close it. */
async function openSequencer(
  target: SequencerTarget,
  context: SequencerContext,
  options: OpenOptions = {},
): Promise<Sequencer> {
  if (target.kind === 'url') return openRemote(target.url, context, options);
  const { clock, machine } = context;
  const { openSequencerStore } = await import('./store.js');
  return openSequencerStore({ path: target.path, clock, machine, oneShot: options.oneShot ?? false });
}

async function openRemote(url: string, context: SequencerContext, options: OpenOptions): Promise<RemoteSequencer> {
  const { openRemoteSequencer } = await import('./remote/index.js');
  const { onNotice, connectTimeoutMs, signal } = options;
  const sequencer = await openRemoteSequencer(url, {
    clock: context.clock,
    ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (onNotice !== undefined) sequencer.notices.forEach(onNotice);
  return sequencer;
}

/** Opens, uses and closes, whatever happens in between. */
export async function withSequencer<T>(
  target: SequencerTarget,
  context: SequencerContext,
  use: (sequencer: Sequencer) => Promise<T>,
  options: OpenOptions = {},
): Promise<T> {
  const sequencer = await openSequencer(target, context, options);
  try {
    return await use(sequencer);
  } finally {
    await sequencer.close();
  }
}

export type IdLinesRequest = Omit<IdLinesOptions, 'clock' | 'random' | 'holder'>;

/** IDs as lines, from wherever the target lets them be made. */
export async function openIdLines(
  target: SequencerTarget,
  context: SequencerContext & { readonly random: Random },
  request: IdLinesRequest,
): Promise<IdLines> {
  const options = { ...request, clock: context.clock, random: context.random, holder: holderName() };
  const { maxWaitMs, signal, onNotice } = request;
  const opening = { connectTimeoutMs: maxWaitMs, signal, onNotice, oneShot: true };
  if (target.kind === 'url' && !mustMakeHere(options)) {
    const server = await openRemote(target.url, context, opening);
    if (server.next !== undefined) return closingAfter(remoteIdLines(server.next, options), server);
    return localIdLines(server, options);
  }
  return localIdLines(await openSequencer(target, context, opening), options);
}

async function localIdLines(sequencer: Sequencer, options: IdLinesOptions): Promise<IdLines> {
  try {
    return closingAfter(await openLocalIdLines(sequencer, options), sequencer);
  } catch (error) {
    await sequencer.close();
    throw error;
  }
}

function closingAfter(lines: IdLines, sequencer: Sequencer): IdLines {
  return {
    next: (count) => lines.next(count),
    close: () => lines.close().finally(() => sequencer.close()),
  };
}

/** Reads IDs, one a line, to their end and says what is wrong with them. See audit/index.ts. */
export async function auditStream(
  input: AsyncIterable<Uint8Array>,
  options: Omit<AuditOptions, 'storage'>,
): Promise<AuditReport> {
  const [{ auditIds }, { openFileSpill }] = await Promise.all([import('./audit/index.js'), import('./spill.js')]);
  const storage = openFileSpill();
  try {
    return await auditIds(input, { ...options, storage });
  } finally {
    await storage.remove();
  }
}

/** Makes a file that came from another machine this one's. Only right when nothing uses the original any more. */
export async function adoptSequencer(path: string, context: SequencerContext): Promise<AdoptReport> {
  const { adoptSequencerStore } = await import('./store.js');
  return adoptSequencerStore({ path, clock: context.clock, machine: context.machine });
}

/** Who asks for leases and tickets, for people: `host:pid`. */
export function holderName(): string {
  return `${hostname()}:${process.pid}`;
}
