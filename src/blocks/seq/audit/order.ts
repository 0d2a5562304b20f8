/** Follows the IDs in input order: inversions and clock jumps, by worker. */
import { idToString } from '../batch.js';
import { wordsToInteger } from '../encoding/digits.js';
import type { Field, Layout } from '../layout/layout.js';
import type { AuditReport, ClockJump, InversionExample, WorkerAudit } from './report.js';

interface Track {
  readonly worker: number;
  ids: number;
  /** The previous ID of this worker. */
  readonly words: Uint32Array;
  /** Time of it, in ticks of the layout. */
  tick: number;
  lowestTick: number;
  highestTick: number;
  inversions: number;
  jumpsBack: number;
  jumpsForward: number;
  farthestBack: number;
}

/** Workers followed one by one; a layout with 2^32 of them must not fill the memory. */
const MOST_TRACKS = 65_536;

export class OrderWatcher {
  readonly #layout: Layout;
  readonly #jumpTicks: number;
  readonly #mostExamples: number;
  readonly #tracks = new Map<number, Track>();
  readonly #previous: Uint32Array;
  #track: Track | undefined;
  #any = false;
  #untracked = 0;
  #count = 0;
  #back = 0;
  #forward = 0;
  #sameWorker = 0;
  readonly #inversions: InversionExample[] = [];
  readonly #jumps: ClockJump[] = [];

  constructor(layout: Layout, jumpMs: number, mostExamples: number) {
    this.#layout = layout;
    this.#jumpTicks = Math.max(1, Math.ceil(jumpMs / layout.unitMs));
    this.#mostExamples = mostExamples;
    this.#previous = new Uint32Array(layout.byteLength / 4);
  }

  add(words: Uint32Array, line: number): void {
    const worker = workerOfWords(this.#layout, words);
    if (this.#any && isLess(words, this.#previous)) this.#noteInversion(words, line, worker);
    this.#any = true;
    copyWords(words, this.#previous);
    const tick = tickOfWords(this.#layout, words);
    const track = this.#track?.worker === worker ? this.#track : this.#tracks.get(worker);
    if (track === undefined) this.#begin(worker, words, tick);
    else this.#follow(track, words, tick, line);
  }

  report(): Pick<AuditReport, 'firstMs' | 'lastMs' | 'inversions' | 'clockJumps' | 'workers' | 'untrackedIds'> {
    const tracks = [...this.#tracks.values()];
    const first = tracks.reduce((least, track) => Math.min(least, track.lowestTick), Number.POSITIVE_INFINITY);
    const last = tracks.reduce((most, track) => Math.max(most, track.highestTick), Number.NEGATIVE_INFINITY);
    const span = tracks.length === 0 ? {} : { firstMs: this.#msOf(first), lastMs: this.#msOf(last) };
    return {
      ...span,
      inversions: { count: this.#count, sameWorker: this.#sameWorker, examples: this.#inversions },
      clockJumps: { back: this.#back, forward: this.#forward, examples: this.#jumps },
      workers: hasWorkers(this.#layout)
        ? tracks.sort((a, b) => b.ids - a.ids).map((track) => this.#summary(track))
        : [],
      untrackedIds: this.#untracked,
    };
  }

  #begin(worker: number, words: Uint32Array, tick: number): void {
    if (this.#tracks.size >= MOST_TRACKS) {
      this.#untracked++;
      return;
    }
    const counts = { ids: 1, inversions: 0, jumpsBack: 0, jumpsForward: 0, farthestBack: 0 };
    this.#track = { worker, words: words.slice(), tick, lowestTick: tick, highestTick: tick, ...counts };
    this.#tracks.set(worker, this.#track);
  }

  #follow(track: Track, words: Uint32Array, tick: number, line: number): void {
    this.#track = track;
    track.ids++;
    if (isLess(words, track.words)) {
      track.inversions++;
      this.#sameWorker++;
    }
    if (tick !== track.tick) this.#moveTime(track, tick, line);
    copyWords(words, track.words);
  }

  #moveTime(track: Track, tick: number, line: number): void {
    const ahead = tick - track.tick;
    if (ahead < 0) {
      track.jumpsBack++;
      this.#back++;
      track.farthestBack = Math.max(track.farthestBack, -ahead);
    } else if (ahead >= this.#jumpTicks) {
      track.jumpsForward++;
      this.#forward++;
    }
    if ((ahead < 0 || ahead >= this.#jumpTicks) && this.#jumps.length < this.#mostExamples) {
      const jump = { line, fromMs: this.#msOf(track.tick), toMs: this.#msOf(tick) };
      this.#jumps.push(hasWorkers(this.#layout) ? { ...jump, worker: track.worker } : jump);
    }
    track.tick = tick;
    track.lowestTick = Math.min(track.lowestTick, tick);
    track.highestTick = Math.max(track.highestTick, tick);
  }

  #noteInversion(words: Uint32Array, line: number, worker: number): void {
    this.#count++;
    if (this.#inversions.length >= this.#mostExamples) return;
    const id = idToString(this.#layout, wordsToInteger(words), 'canonical');
    const previous = idToString(this.#layout, wordsToInteger(this.#previous), 'canonical');
    this.#inversions.push(hasWorkers(this.#layout) ? { line, id, previous, worker } : { line, id, previous });
  }

  #summary(track: Track): WorkerAudit {
    const { worker, ids, inversions, jumpsBack, jumpsForward } = track;
    return {
      worker,
      ids,
      firstMs: this.#msOf(track.lowestTick),
      lastMs: this.#msOf(track.highestTick),
      inversions,
      jumpsBack,
      jumpsForward,
      farthestBackMs: track.farthestBack * this.#layout.unitMs,
    };
  }

  #msOf(tick: number): number {
    return this.#layout.epoch + tick * this.#layout.unitMs;
  }
}

export function hasWorkers(layout: Layout): boolean {
  return layout.family === 'integer' && layout.workerFields.length > 0;
}

/** The worker number in an ID's words; 0 where the layout has none. */
export function workerOfWords(layout: Layout, words: Uint32Array): number {
  if (layout.family === 'bytes') return 0;
  let worker = 0;
  for (const field of layout.workerFields) worker = worker * 2 ** field.bits + fieldOfWords(words, field);
  return worker;
}

function tickOfWords(layout: Layout, words: Uint32Array): number {
  const high = words[0] as number;
  if (layout.family === 'integer') return fieldOfWords(words, layout.time);
  return layout.unitMs === 1 ? high * 65_536 + ((words[1] as number) >>> 16) : high;
}

/** A field of at most 52 bits of a 64-bit ID in two words, exactly. */
function fieldOfWords(words: Uint32Array, field: Field): number {
  const { shift, bits } = field;
  const high = words[0] as number;
  const low = words[1] as number;
  if (shift >= 32) return (high >>> (shift - 32)) % 2 ** bits;
  const lowBits = 32 - shift;
  const lowPart = low >>> shift;
  if (bits <= lowBits) return lowPart % 2 ** bits;
  return (high % 2 ** (bits - lowBits)) * 2 ** lowBits + lowPart;
}

function isLess(a: Uint32Array, b: Uint32Array): boolean {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function copyWords(from: Uint32Array, to: Uint32Array): void {
  for (let i = 0; i < from.length; i++) to[i] = from[i] as number;
}
