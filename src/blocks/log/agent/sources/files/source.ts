/**
 * Follows files: finds them, reads what is new in each, and hands it out so that every line goes out once.
 *
 *     scan ──▶ files that have news ──▶ a turn each: piece ─▶ frame ─▶ take ──▶ …until none has ──▶ sleep ──▶ scan
 *
 * - Turns are fair: a MiB of each. Within a family the older file comes first, so that lines come in their order.
 * - A descriptor is kept of what is being written and of what lost its name before it was read out; of a file that has been quiet for long it
 *   is closed. (A file that was quiet for five minutes, is then written to and deleted within one interval is lost.)
 * - The scan is the truth, once a second. In between, files that grew a moment ago are looked at four times as often.
 */
import type { Clock } from '../../../../../platform/clock.js';
import { codeOf, messageOf } from '../../../../../platform/errors.js';
import type { Labels } from '../../../labels.js';
import { NANOS_PER_MS } from '../../../nanos.js';
import type { Framer } from '../../framing/framing.js';
import type { Source, TakeChunk } from '../../source.js';
import { entriesOf, positionAfter, streamsOf } from './chunk.js';
import type { Disk } from './disk.js';
import type { FileLedger } from './file-ledger.js';
import { InflatedPieces } from './inflated-pieces.js';
import type { Piece } from './piece.js';
import { PieceMemory } from './piece-memory.js';
import { openDescriptor, readPiece } from './pieces.js';
import { Scanner, type TellTrouble } from './scanner.js';
import type { TrackedFile } from './tracked-file.js';

export interface FileSourceOptions {
  readonly disk: Disk;
  readonly ledger: FileLedger;
  readonly clock: Clock;
  /** Absolute paths and patterns (glob.ts). */
  readonly patterns: readonly string[];
  readonly framer: Framer;
  /** The framer's name in the ledger. */
  readonly framing: string;
  /** Of every stream; `filename` is added. */
  readonly labels: Labels;
  readonly from: 'start' | 'end';
  /** Read what was rotated before the first look, too. */
  readonly rotated: boolean;
  /** Nobody looks at entries any more once they are safe (`onSafe`): their memory is used again. */
  readonly reusesMemory?: boolean;
  /** Read to the end of all there is, and stop. */
  readonly once: boolean;
  readonly tell: TellTrouble;
  readonly timing?: Partial<FileTiming>;
}

/** Milliseconds. */
export interface FileTiming {
  /** Between two scans; default 1000. */
  readonly scanMs: number;
  /** A last line without an end is handed out when nothing has come for so long; default 5000. */
  readonly partialMs: number;
  /** A file that was deleted is let go of when it was read out and nothing has come for so long; default 5000. */
  readonly deletedHoldMs: number;
  /** The same for one that was moved out of sight; default 60 s. */
  readonly movedHoldMs: number;
}

const TIMING: FileTiming = { scanMs: 1000, partialMs: 5000, deletedHoldMs: 5000, movedHoldMs: 60_000 };

const TURN_BYTES = 1024 * 1024;
/** Who grew within so many milliseconds is looked at {@link QUICK_LOOKS} times in an interval. */
const HOT_MS = 5000;
const QUICK_LOOKS = 4;
/** Of files that have been quiet for so long every third is looked at in a scan: a line there is seen within three intervals. */
const QUIET_MS = 20_000;
const QUIET_SHARE = 3;
/** Folders that do not tell of changes exist (network file systems): all is looked at every so many scans. */
const WHOLE_LOOK_EVERY = 10;
/** Descriptors of files under their own name are closed when they have been quiet for so long, those of rotated ones sooner. */
const CLOSE_AFTER_MS = 300_000;
const CLOSE_ROTATED_AFTER_MS = 60_000;
const TOO_MANY_FILES: ReadonlySet<string | undefined> = new Set(['EMFILE', 'ENFILE']);

export class FileSource implements Source {
  readonly name: string;
  readonly #options: FileSourceOptions;
  readonly #timing: FileTiming;
  readonly #scanner: Scanner;
  readonly #streams = new Map<TrackedFile, readonly Labels[]>();
  readonly #memory = new PieceMemory();
  #looks = 0;

  constructor(options: FileSourceOptions) {
    this.#options = options;
    this.#timing = { ...TIMING, ...options.timing };
    this.name = options.patterns.join(' ');
    this.#scanner = new Scanner(options, options.clock.monotonic());
  }

  /** What is followed now. */
  get files(): readonly TrackedFile[] {
    return this.#scanner.files;
  }

  async run(take: TakeChunk, signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        const found = await this.#look();
        await this.#readAll(take, signal);
        if (this.#options.once && !found && !this.#isUnsettled()) return;
        if (!this.#options.once) await this.#options.clock.sleep(this.#pauseMs(), signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#scanner.close();
    }
  }

  async #look(): Promise<boolean> {
    const now = this.#now();
    const look = this.#looks++;
    const isScan = this.#options.once || look % QUICK_LOOKS === 0;
    if (!isScan) {
      this.#scanner.quickLook(now, (file) => now - file.changedAt < HOT_MS);
      return false;
    }
    await this.#letGo(now);
    const isWhole = this.#options.once || look % (QUICK_LOOKS * WHOLE_LOOK_EVERY) === 0;
    if (isWhole || this.#scanner.mustLookAtAll) return this.#scanner.lookAtAll(now);
    const turn = look / QUICK_LOOKS;
    this.#scanner.quickLook(now, (file) => now - file.changedAt < QUIET_MS || (turn + file.number) % QUIET_SHARE === 0);
    return false;
  }

  /** A file in which nothing moves is looked at once an interval; the others in between, too. */
  #pauseMs(): number {
    const now = this.#now();
    const isHot = this.files.some((file) => file.state === 'open' && now - file.changedAt < HOT_MS);
    if (isHot) return this.#timing.scanMs / QUICK_LOOKS;
    this.#looks = Math.ceil(this.#looks / QUICK_LOOKS) * QUICK_LOOKS;
    return this.#timing.scanMs;
  }

  /** With `once`: something may still be found by looking again. */
  #isUnsettled(): boolean {
    return this.files.some((file) => file.isSuspect || (file.isThere && file.missing === 1));
  }

  /** Reads round by round until nothing is left, or the next look is due. */
  async #readAll(take: TakeChunk, signal: AbortSignal): Promise<void> {
    const until = this.#now() + this.#timing.scanMs;
    for (let hasMore = true; hasMore && !signal.aborted; ) {
      hasMore = false;
      const busy = new Set<string>();
      for (const file of this.#inOrder()) {
        if (busy.has(file.family) || !this.#wantsTurn(file)) continue;
        if (!(await this.#guardedTurn(file, take))) continue;
        busy.add(file.family);
        hasMore = true;
      }
      if (!this.#options.once && this.#now() >= until) return;
    }
  }

  #inOrder(): readonly TrackedFile[] {
    return this.files.filter((file) => file.state === 'open').sort((a, b) => a.number - b.number);
  }

  #wantsTurn(file: TrackedFile): boolean {
    return !file.isSuspect && (file.hasNews || this.#isOverdue(file));
  }

  /** Its last line has waited for its end long enough. */
  #isOverdue({ pendingSince }: TrackedFile): boolean {
    return pendingSince !== undefined && this.#now() - pendingSince >= this.#timing.partialMs;
  }

  /** Troubles with one file are told and tried again; they do not end the others. */
  async #guardedTurn(file: TrackedFile, take: TakeChunk): Promise<boolean> {
    let piece: Piece | undefined;
    for (let bytes = 0; bytes < TURN_BYTES; bytes += piece.to - piece.from) {
      try {
        piece = await this.#piece(file);
      } catch (error) {
        this.#troubled(file, error);
        return false;
      }
      if (piece === undefined) return false;
      await this.#handOut(file, piece, take);
      if (piece.atEnd) return false;
    }
    return true;
  }

  #troubled(file: TrackedFile, error: unknown): void {
    file.looked();
    if (TOO_MANY_FILES.has(codeOf(error))) this.#closeQuietest();
    this.#options.tell(file.path, messageOf(error));
  }

  async #piece(file: TrackedFile): Promise<Piece | undefined> {
    const { disk } = this.#options;
    if (file.compressed) return this.#inflated(file);
    const piece = readPiece(disk, file, this.#now(), this.#memory);
    if (piece !== 'changed' && piece !== 'absent') return piece;
    file.isSuspect = true;
    return undefined;
  }

  async #inflated(file: TrackedFile): Promise<Piece | undefined> {
    const opened = openDescriptor(this.#options.disk, file);
    if (opened === undefined) {
      file.isSuspect = true;
      return undefined;
    }
    file.inflating ??= new InflatedPieces(opened);
    try {
      const piece = await file.inflating.next(file.position.offset);
      if (piece === undefined) throw new Error('it ends before what was read of it');
      return piece;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  async #handOut(file: TrackedFile, piece: Piece, take: TakeChunk): Promise<void> {
    const { framer, clock, reusesMemory } = this.#options;
    const { bytes, from, to, atEnd } = piece;
    const isLast = atEnd && (this.#options.once || file.compressed || this.#isOverdue(file));
    const continued = from > 0 && bytes[from - 1] !== LF;
    const framed = framer.frame({ bytes, from, to, continued, final: isLast });
    if (framed.consumed > from) {
      file.position = positionAfter(piece, framed.consumed, file.position);
      file.lines += framed.lines;
      const { position, lines, number } = file;
      const streams = this.#streamsOf(file, framed.streams);
      await take({
        entries: entriesOf(framed, piece, number, streams, BigInt(clock.now()) * NANOS_PER_MS),
        checkpoint: { file: number, lines, ...position },
        lines: framed.lines,
        onSafe: () => {
          file.committed = position.offset;
          if (reusesMemory) this.#memory.giveBack(bytes);
        },
      });
    }
    if (!atEnd) return;
    file.looked();
    file.isReadOut = true;
    const hasPart = framed.consumed < to;
    file.pendingSince = hasPart ? (file.pendingSince ?? this.#now()) : undefined;
    if (file.compressed) file.close();
  }

  #streamsOf(file: TrackedFile, added: readonly Labels[] | undefined): readonly Labels[] {
    if (added !== undefined) return streamsOf(file.firstPath, this.#options.labels, added);
    const known = this.#streams.get(file);
    if (known !== undefined) return known;
    const streams = streamsOf(file.firstPath, this.#options.labels, undefined);
    this.#streams.set(file, streams);
    return streams;
  }

  /** Closes what need not be open, and writes down what is done with. */
  async #letGo(now: number): Promise<void> {
    for (const file of [...this.files]) {
      if (file.state !== 'open' || file.hasNews || file.isSuspect) continue;
      const isReadOut = file.committed === file.position.offset && file.pendingSince === undefined;
      if (file.compressed) {
        if (isReadOut && file.isReadOut) await this.#scanner.finish(file);
        continue;
      }
      const quietMs = now - file.changedAt;
      if (file.missing > 0 && isReadOut) {
        const holdMs = file.isDeleted ? this.#timing.deletedHoldMs : this.#timing.movedHoldMs;
        if (quietMs >= holdMs && !hasGrown(file, now)) await this.#scanner.release(file);
      } else if (file.missing === 0) {
        const closeAfterMs = file.path === file.family ? CLOSE_AFTER_MS : CLOSE_ROTATED_AFTER_MS;
        if (quietMs >= closeAfterMs) file.close();
      }
    }
  }

  /** Room for another descriptor. */
  #closeQuietest(): void {
    const closable = this.files.filter((file) => file.descriptor !== undefined && !file.hasNews && file.missing === 0);
    closable.sort((a, b) => a.changedAt - b.changedAt)[0]?.close();
  }

  #now(): number {
    return this.#options.clock.monotonic();
  }
}

/** A last look at one without a name: whoever has it open may have written since. */
function hasGrown(file: TrackedFile, now: number): boolean {
  if (file.descriptor !== undefined) file.observe(file.descriptor.stat(), now);
  return file.hasNews;
}

const LF = 10;
