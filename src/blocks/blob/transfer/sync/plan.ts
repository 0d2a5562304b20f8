/** What a synchronisation is to do, as data: both sides are read in the order of keys, and merged. */
import { DsError } from '../../../../platform/errors.js';
import { mapOrdered } from '../../../../platform/map-ordered.js';
import { compareKeys } from '../../rules/key-order.js';
import { type PathPatterns, pathFilter } from '../path-filter.js';
import { type DiffersBy, differsBy } from './compare.js';
import type { Found, SkipReason, SyncEntry } from './entry.js';
import { PathCollisions, pathSegments } from './local-path.js';
import { entriesOf, type SyncSide } from './side.js';
import { foldsCase } from './target-folder.js';

export interface SyncOptions extends PathPatterns {
  /** What only the target has is deleted. */
  readonly delete?: boolean | undefined;
  readonly checksum?: boolean | undefined;
}

export type SyncStep =
  | { readonly action: 'copy'; readonly path: string; readonly size: number; readonly reason: 'new' | DiffersBy }
  | { readonly action: 'delete'; readonly path: string; readonly size: number }
  | { readonly action: 'same'; readonly path: string; readonly size: number }
  | { readonly action: 'skip'; readonly path: string; readonly reason: SkipReason }
  | { readonly action: 'fail'; readonly path: string; readonly error: DsError };

/** Pairs that are compared at once. */
const AT_ONCE = 16;

interface Pair {
  readonly source?: Found;
  readonly target?: Found;
}

/** In the order of keys, for all paths that are meant. The same sides give the same plan. Errors: those of lists, and of the folders themselves. */
export async function* planSync(
  source: SyncSide,
  target: SyncSide,
  options: SyncOptions,
): AsyncGenerator<SyncStep, void, undefined> {
  const isMeant = pathFilter(options);
  const collisions =
    target.kind === 'folder' && source.kind === 'bucket' ? new PathCollisions(await foldsCase(target.path)) : undefined;
  const targetEntries = target.kind === 'folder' ? ifThere(entriesOf(target)) : entriesOf(target);
  const pairs = mergePairs(meant(entriesOf(source), isMeant), meant(targetEntries, isMeant));
  const steps = mapOrdered(checkedPairs(pairs, collisions), AT_ONCE, (pair) =>
    'action' in pair ? Promise.resolve(pair) : stepOf(source, target, pair, options),
  );
  for await (const step of steps) if (step !== undefined) yield step;
}

/** A folder that is not there yet has nothing in it. */
async function* ifThere(entries: AsyncGenerator<Found>): AsyncGenerator<Found> {
  try {
    yield* entries;
  } catch (error) {
    if (!(error instanceof DsError) || !isMissing(error.cause)) throw error;
  }
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}

async function* meant(entries: AsyncIterable<Found>, isMeant: (path: string) => boolean): AsyncGenerator<Found> {
  for await (const found of entries) if (isMeant(pathOf(found))) yield found;
}

function pathOf(found: Found): string {
  return found.kind === 'entry' ? found.entry.path : found.path;
}

async function* mergePairs(sources: AsyncGenerator<Found>, targets: AsyncGenerator<Found>): AsyncGenerator<Pair> {
  let source = await sources.next();
  let target = await targets.next();
  while (source.done !== true || target.done !== true) {
    const order =
      source.done === true ? 1 : target.done === true ? -1 : compareKeys(pathOf(source.value), pathOf(target.value));
    yield {
      ...(order <= 0 && source.done !== true ? { source: source.value } : {}),
      ...(order >= 0 && target.done !== true ? { target: target.value } : {}),
    };
    if (order <= 0) source = await sources.next();
    if (order >= 0) target = await targets.next();
  }
}

/** Keys that cannot be files are told at once, in order: which of two wins must not hang on what is compared first. */
async function* checkedPairs(
  pairs: AsyncIterable<Pair>,
  collisions: PathCollisions | undefined,
): AsyncGenerator<Pair | SyncStep> {
  for await (const pair of pairs) {
    const problem = collisions && pair.source?.kind === 'entry' && pathProblem(pair.source.entry, collisions);
    yield problem || pair;
  }
}

function pathProblem({ path }: SyncEntry, collisions: PathCollisions): SyncStep | undefined {
  try {
    pathSegments(path);
    collisions.add(path);
    return undefined;
  } catch (error) {
    if (error instanceof DsError) return { action: 'fail', path, error };
    throw error;
  }
}

async function stepOf(
  source: SyncSide,
  target: SyncSide,
  pair: Pair,
  options: SyncOptions,
): Promise<SyncStep | undefined> {
  if (pair.source === undefined) return stepForExtra(pair.target, options);
  if (pair.source.kind === 'skipped') return { action: 'skip', path: pair.source.path, reason: pair.source.why };
  if (pair.source.kind === 'failed') return { action: 'fail', path: pair.source.path, error: pair.source.error };
  const { path, size } = pair.source.entry;
  if (pair.target?.kind !== 'entry') return { action: 'copy', path, size, reason: 'new' };
  try {
    const compared = { source: pair.source.entry, target: pair.target.entry };
    const reason = await differsBy(source, target, compared, options.checksum === true);
    return reason === undefined ? { action: 'same', path, size } : { action: 'copy', path, size, reason };
  } catch (error) {
    if (error instanceof DsError && (error.kind === 'no' || error.code === 'blob.local_file')) {
      return { action: 'fail', path, error };
    }
    throw error;
  }
}

/** What only the target has. Of what is no entry there it is left alone. */
function stepForExtra(target: Found | undefined, options: SyncOptions): SyncStep | undefined {
  if (options.delete !== true || target?.kind !== 'entry') return undefined;
  return { action: 'delete', path: target.entry.path, size: target.entry.size };
}
