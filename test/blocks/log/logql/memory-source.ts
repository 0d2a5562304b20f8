/** Entries in memory as a source: what the engine is tested over, and what a source with filters is compared with. */
import { EntryBatchBuilder, type NewEntry } from '../../../../src/blocks/log/entry-batch.js';
import type { EntrySource, ScannedBatch, ScanRequest, ScanTotals } from '../../../../src/blocks/log/entry-source.js';
import { type Labels, makeLabels } from '../../../../src/blocks/log/labels.js';

export interface MemoryEntry extends Omit<NewEntry, 'stream'> {
  readonly stream: Labels;
}

/** `at`: seconds. */
export function entry(
  at: number,
  line: string,
  stream: Record<string, string>,
  metadata?: Record<string, string>,
): MemoryEntry {
  return {
    timestamp: BigInt(Math.round(at * 1e9)),
    line,
    stream: makeLabels(Object.entries(stream)),
    ...(metadata !== undefined && { metadata: makeLabels(Object.entries(metadata)) }),
  };
}

export function noTotals(): ScanTotals {
  return { blocks: 0, skippedBlocks: 0, damagedBlocks: 0, bytes: 0, entries: 0 };
}

/** Blocks of a few entries, each in order of time; neighbours overlap. Blocks without a required text are skipped, as a store would. */
export class MemorySource implements EntrySource {
  readonly #blocks: readonly (readonly MemoryEntry[])[];
  readonly #skips: boolean;

  constructor(entries: readonly MemoryEntry[], blockSize = 4, skips = false) {
    const blocks: MemoryEntry[][] = [];
    for (let i = 0; i < entries.length; i += blockSize) blocks.push(byTime(entries.slice(i, i + blockSize)));
    this.#blocks = blocks;
    this.#skips = skips;
  }

  async *scan(request: ScanRequest, totals: ScanTotals): AsyncGenerator<ScannedBatch> {
    const forward = request.direction === 'forward';
    const first = (block: readonly MemoryEntry[]) => block[0]?.timestamp ?? 0n;
    const last = (block: readonly MemoryEntry[]) => block[block.length - 1]?.timestamp ?? 0n;
    const blocks = this.#blocks
      .filter((block) => last(block) >= request.start && first(block) < request.end)
      .toSorted((a, b) => (forward ? Number(first(a) - first(b)) : Number(last(b) - last(a))));
    for (const [index, block] of blocks.entries()) {
      totals.blocks++;
      const next = blocks[index + 1];
      const none = forward ? request.end : request.start;
      const frontier = next === undefined ? none : forward ? first(next) : last(next);
      if (this.#skips && !request.required.every(({ text }) => block.some(({ line }) => String(line).includes(text)))) {
        totals.skippedBlocks++;
        continue;
      }
      yield { ...scanned(block, request), frontier };
    }
  }
}

function byTime(entries: readonly MemoryEntry[]): MemoryEntry[] {
  return entries.toSorted((a, b) => Number(a.timestamp - b.timestamp));
}

function scanned(block: readonly MemoryEntry[], { start, end, matchers }: ScanRequest): Omit<ScannedBatch, 'frontier'> {
  const builder = new EntryBatchBuilder();
  for (const one of block) builder.add(one);
  const batch = builder.build();
  const from = block.filter(({ timestamp }) => timestamp < start).length;
  const to = block.filter(({ timestamp }) => timestamp < end).length;
  const selected = batch.streams.map((stream) =>
    matchers.every((matcher) => matcher.matches(stream[matcher.name] ?? '')),
  );
  return { batch, from, to, selected };
}
