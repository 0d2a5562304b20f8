/**
 * Audits a stream of IDs, one a line: duplicates (exact), inversions and clock jumps with the worker they came from,
 * over any number of IDs in bounded memory. Figures: bench/seq/library.ts.
 */
import { idToString } from '../batch.js';
import { decodeId } from '../decode.js';
import { wordsToInteger } from '../encoding/digits.js';
import { badId, type Reading, readId, readingsOf, type TextFormat } from '../encoding/parse.js';
import { type Layout, resolveLayout } from '../layout/index.js';
import { DuplicateFinder, type SpillStorage } from './duplicates.js';
import { LineCutter } from './lines.js';
import { OrderWatcher } from './order.js';
import type { AuditReport, DuplicateExample } from './report.js';
import { workerReader } from './words.js';

export type { AuditReport } from './report.js';

export interface AuditOptions {
  /** Without it the layout is guessed from the first lines. */
  readonly layout?: Layout;
  readonly storage: SpillStorage;
  /** Milliseconds since the Unix epoch; judges which layout is plausible. */
  readonly now: number;
  /** A worker's time going forward by this many milliseconds is a jump. Default one hour. */
  readonly jumpMs?: number;
  /** How many examples of each finding are kept. Default 20. */
  readonly examples?: number;
}

const HOUR_MS = 3_600_000;
/** Lines that vote for layout and format. */
const SAMPLE_LINES = 100;
const SAMPLE_BYTES = 64 * 1024;

/**
 * Reads the input to its end. Lines that are no ID are counted, not fatal; only when the first ones are none at all:
 * `seq.bad_id`. An empty input gives an empty report.
 */
export async function auditIds(input: AsyncIterable<Uint8Array>, options: AuditOptions): Promise<AuditReport> {
  const chunks = input[Symbol.asyncIterator]();
  const sample = await takeSample(chunks);
  const guess = guessFormat(sample, options);
  const auditor = new Auditor(guess, options);
  for (const chunk of sample) await auditor.push(chunk);
  for (let item = await chunks.next(); item.done !== true; item = await chunks.next()) await auditor.push(item.value);
  return auditor.finish();
}

interface Guess {
  readonly layout: Layout;
  readonly reading: Reading;
}

class Auditor {
  readonly #guess: Guess;
  readonly #options: AuditOptions;
  readonly #mostExamples: number;
  readonly #cutter: LineCutter;
  readonly #order: OrderWatcher;
  readonly #duplicates: DuplicateFinder;
  readonly #words: Uint32Array;
  /** IDs of fewer bits than their words have, or with constant bits, are checked one by one. */
  readonly #check: boolean;
  readonly #highEnd: number;
  readonly #lowEnd: number;
  #ids = 0;
  #bad = 0;
  readonly #badExamples: { line: number; text: string }[] = [];

  constructor(guess: Guess, options: AuditOptions) {
    const { layout } = guess;
    this.#guess = guess;
    this.#options = options;
    this.#mostExamples = options.examples ?? 20;
    this.#words = new Uint32Array(layout.byteLength / 4);
    this.#check = layout.bits < 64 || layout.name === 'uuid7';
    this.#highEnd = 2 ** Math.max(0, layout.bits - 32);
    this.#lowEnd = 2 ** Math.min(32, layout.bits);
    this.#order = new OrderWatcher(layout, options.jumpMs ?? HOUR_MS, this.#mostExamples);
    this.#duplicates = new DuplicateFinder(this.#words.length, options.storage);
    this.#cutter = new LineCutter((bytes, from, to, line) => this.#add(bytes, from, to, line));
  }

  async push(chunk: Uint8Array): Promise<void> {
    this.#cutter.push(chunk);
    await this.#duplicates.settle();
  }

  async finish(): Promise<AuditReport> {
    this.#cutter.end();
    const duplicates = await this.#findDuplicates();
    return {
      layout: this.#guess.layout.name,
      format: this.#guess.reading.format,
      layoutGiven: this.#options.layout !== undefined,
      ids: this.#ids,
      badLines: { count: this.#bad, examples: this.#badExamples },
      duplicates,
      ...this.#order.report(),
    };
  }

  #add(bytes: Uint8Array, from: number, to: number, line: number): void {
    const words = this.#words;
    if (!readId(bytes, from, to, this.#guess.reading, words) || (this.#check && !this.#allowed(words))) {
      this.#bad++;
      if (this.#badExamples.length >= this.#mostExamples) return;
      this.#badExamples.push({ line, text: Buffer.from(bytes.subarray(from, Math.min(to, from + 80))).toString() });
      return;
    }
    this.#ids++;
    this.#order.add(words, line);
    this.#duplicates.add(words, line);
  }

  /** What {@link refusalOf} checks, without a BigInt: the width of an integer; version and variant of a uuid7. */
  #allowed(words: Uint32Array): boolean {
    if (words.length > 2) return ((words[1] as number) & 0xf000) === 0x7000 && (words[2] as number) >>> 30 === 2;
    return (words[0] as number) < this.#highEnd && (words[1] as number) < this.#lowEnd;
  }

  async #findDuplicates(): Promise<AuditReport['duplicates']> {
    const { layout } = this.#guess;
    const readWorker = workerReader(layout);
    let count = 0;
    const examples: DuplicateExample[] = [];
    await this.#duplicates.finish((words, firstLine, line) => {
      count++;
      if (examples.length >= this.#mostExamples) return;
      const id = idToString(layout, wordsToInteger(words), 'canonical');
      const found = { id, firstLine, line };
      examples.push(readWorker === undefined ? found : { ...found, worker: readWorker(words) });
    });
    return { count, examples: examples.sort((a, b) => a.line - b.line) };
  }
}

/** The chunks that hold the first lines; they are audited too. */
async function takeSample(chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array[]> {
  const sample: Uint8Array[] = [];
  for (let size = 0; size < SAMPLE_BYTES; ) {
    const item = await chunks.next();
    if (item.done === true) break;
    sample.push(item.value);
    size += item.value.length;
  }
  return sample;
}

/** The layout and format that most of the first lines are plausible in. */
function guessFormat(sample: readonly Uint8Array[], options: AuditOptions): Guess {
  const lines = firstLines(sample);
  const votes = new Map<string, { score: number; layout: Layout; format: TextFormat; text: string }>();
  for (const text of lines) {
    for (const { layout, format, score } of decodeOrNothing(text, options)) {
      const key = `${layout} ${format}`;
      const vote = votes.get(key) ?? { score: 0, layout: options.layout ?? resolveLayout(layout), format, text };
      vote.score += score;
      votes.set(key, vote);
    }
  }
  const best = [...votes.values()].sort((a, b) => b.score - a.score)[0];
  if (best !== undefined) return { layout: best.layout, reading: readingIn(best.text, best.layout, best.format) };
  const [first] = lines;
  if (first !== undefined) throw badId(first, options.layout);
  const layout = options.layout ?? resolveLayout('twitter');
  return { layout, reading: readingIn('0', resolveLayout('twitter'), 'dec') };
}

function readingIn(text: string, layout: Layout, format: TextFormat): Reading {
  const found = readingsOf(text.replace(/^urn:uuid:/i, ''), layout).find((reading) => reading.format === format);
  if (found === undefined) throw badId(text, layout);
  return found;
}

function decodeOrNothing(text: string, options: AuditOptions) {
  try {
    return decodeId(text, options.layout, options.now);
  } catch {
    return [];
  }
}

function firstLines(sample: readonly Uint8Array[]): string[] {
  const lines: string[] = [];
  const cutter = new LineCutter((bytes, from, to) => {
    if (lines.length < SAMPLE_LINES) lines.push(Buffer.from(bytes.subarray(from, to)).toString('latin1'));
  });
  for (const chunk of sample) cutter.push(chunk);
  cutter.end();
  return lines;
}
