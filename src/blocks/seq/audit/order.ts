/** Follows the IDs in input order: inversions and clock jumps, by worker. */
import { idToString } from '../batch.js';
import { wordsToInteger } from '../encoding/digits.js';
import type { Layout } from '../layout/layout.js';
import type { AuditReport, ClockJump, InversionExample, WorkerAudit } from './report.js';
import { tickReader, type WordReader, workerReader } from './words.js';

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
  readonly #readTick: WordReader;
  readonly #readWorker: WordReader | undefined;
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
    this.#readTick = tickReader(layout);
    this.#readWorker = workerReader(layout);
    this.#jumpTicks = Math.max(1, Math.ceil(jumpMs / layout.unitMs));
    this.#mostExamples = mostExamples;
    this.#previous = new Uint32Array(layout.byteLength / 4);
  }

  add(words: Uint32Array, line: number): void {
    const worker = this.#readWorker?.(words) ?? 0;
    if (this.#any && isLess(words, this.#previous)) this.#noteInversion(words, line, worker);
    this.#any = true;
    copyWords(words, this.#previous);
    const tick = this.#readTick(words);
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
      workers:
        this.#readWorker !== undefined ? tracks.sort((a, b) => b.ids - a.ids).map((track) => this.#summary(track)) : [],
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
      this.#jumps.push(this.#readWorker !== undefined ? { ...jump, worker: track.worker } : jump);
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
    this.#inversions.push(this.#readWorker !== undefined ? { line, id, previous, worker } : { line, id, previous });
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
