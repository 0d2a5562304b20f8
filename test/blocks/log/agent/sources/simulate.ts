/** The follower of files in a simulated world: what it hands out, over any number of lives. */
import { lineFramer } from '../../../../../src/blocks/log/agent/framing/lines.js';
import type { SourceChunk } from '../../../../../src/blocks/log/agent/source.js';
import type { FileChanges, FileLedger } from '../../../../../src/blocks/log/agent/sources/files/file-ledger.js';
import { FileSource } from '../../../../../src/blocks/log/agent/sources/files/source.js';
import { lineText } from '../../../../../src/blocks/log/entry-batch.js';
import { NO_LABELS } from '../../../../../src/blocks/log/labels.js';
import type { KnownFile } from '../../../../../src/blocks/log/store/agent/files.js';
import { ManualClock } from '../../../../helpers/manual-clock.js';
import { SimulatedWorld, Tape } from './simulated-world.js';

/** Lives of the agent that a tape may end. */
const MOST_LIVES = 12;
/** Sleeps of the follower after all is quiet; a second or a quarter each. */
const LAST_SLEEPS = 120;

class Died extends Error {}

interface Stored {
  readonly file: number;
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly isRest: boolean;
}

/** What survives the agent: committed files and entries. */
export class Ledger implements FileLedger {
  readonly rows = new Map<number, KnownFile>();
  readonly watched = new Set<string>();
  readonly stored: Stored[] = [];
  constructor(
    private readonly mayDie: () => void,
    private readonly log: (text: string) => void,
  ) {}

  load(): readonly KnownFile[] {
    return [...this.rows.values()];
  }

  isWatched(pattern: string): boolean {
    return this.watched.has(pattern);
  }

  async write({ watched, moved, added }: FileChanges): Promise<readonly number[]> {
    this.mayDie();
    for (const pattern of watched) this.watched.add(pattern);
    for (const { number, place } of moved) {
      this.log(`  ledger: file ${number} is ${place.state} at ${place.path} inode ${place.inode}`);
      this.#change(number, place);
    }
    const numbers = added.map((file) => {
      const number = this.rows.size + 1;
      this.log(`  ledger: file ${number} ${file.path} inode ${file.inode} ${file.state} from ${file.begun}`);
      this.rows.set(number, { ...file, number, pipeline: 1, firstPath: file.path });
      return number;
    });
    this.mayDie();
    return numbers;
  }

  commit({ entries, checkpoint, onSafe }: SourceChunk): void {
    const { origin, metadata, count } = entries;
    this.log(`  ledger: file ${checkpoint?.file} up to ${checkpoint?.offset}`);
    if (origin === undefined || checkpoint === undefined) throw new Error('a chunk without origin');
    for (let i = 0; i < count; i++) {
      this.stored.push({
        file: origin.file,
        from: origin.offsets[i] ?? -1,
        to: origin.endOffsets[i] ?? -1,
        text: lineText(entries, i),
        isRest: metadata?.[i]?.['continued'] === 'true',
      });
    }
    this.#change(checkpoint.file, checkpoint);
    onSafe?.();
  }

  /** Lines by file and offset, parts of one line put together. */
  lines(): string[] {
    const lines: string[] = [];
    let last: Stored | undefined;
    for (const entry of [...this.stored].sort((a, b) => a.file - b.file || a.from - b.from)) {
      const follows = last !== undefined && last.file === entry.file;
      if (entry.from !== (follows ? last?.to : 0))
        throw new Error(`file ${entry.file}: a gap or a repetition at ${entry.from}`);
      if (entry.isRest) lines.push(`${lines.pop() ?? ''}${entry.text}`);
      else lines.push(entry.text);
      last = entry;
    }
    return lines;
  }

  #change(number: number, change: Partial<KnownFile>): void {
    const row = this.rows.get(number);
    if (row === undefined) throw new Error(`no file ${number}`);
    this.rows.set(number, { ...row, ...change });
  }
}

/** A clock on which sleeping is a step of the world. */
class WorldClock extends ManualClock {
  #sleeps = 0;
  constructor(private readonly onSleep: (sleeps: number) => void) {
    super();
  }

  override async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.advance(ms);
    this.onSleep(++this.#sleeps);
    signal?.throwIfAborted();
  }
}

export async function simulate(
  numbers: readonly number[],
  { hasBirths, headersAlone }: { readonly hasBirths: boolean; readonly headersAlone: boolean },
  log: (text: string) => void = () => {},
): Promise<{ written: string[]; read: string[] }> {
  const tape = new Tape(numbers);
  let lives = 0;
  // What is thrown in the middle of a call may be taken for a trouble with a file: whoever has died stays dead.
  let isDead = false;
  const mayDie = () => {
    if (isDead) throw new Died();
    isDead = lives < MOST_LIVES && !tape.isAtEnd && tape.next(60) === 59;
    if (isDead) throw new Died();
  };
  const world = new SimulatedWorld(tape, hasBirths, headersAlone, mayDie, log);
  const ledger = new Ledger(mayDie, log);
  for (let alive = true; alive; lives++) {
    isDead = false;
    const stop = new AbortController();
    let pending: SourceChunk[] = [];
    const commitSome = (most: number) => {
      for (const chunk of pending.splice(0, most)) ledger.commit(chunk);
    };
    let lastSleeps = 0;
    const clock = new WorldClock(() => {
      if (isDead) throw new Died();
      world.between();
      commitSome(tape.isAtEnd ? Number.POSITIVE_INFINITY : tape.next(3));
      if (!tape.isAtEnd) return;
      world.settle();
      if (++lastSleeps > LAST_SLEEPS) stop.abort();
    });
    const take = async (chunk: SourceChunk) => {
      mayDie();
      pending.push(chunk);
      commitSome(tape.next(3));
    };
    try {
      const source = new FileSource({
        disk: world.disk,
        ledger,
        clock,
        patterns: ['/l/app.log'],
        framer: lineFramer,
        framing: 'lines',
        labels: NO_LABELS,
        from: 'start',
        rotated: true,
        once: false,
        tell: (path, problem) => log(`  trouble: ${path}: ${problem}`),
      });
      await source.run(take, stop.signal);
      alive = false;
    } catch (error) {
      if (!(error instanceof Died)) throw error;
      log('  agent died');
      world.agentDied();
    }
    pending = [];
  }
  return { written: world.written, read: ledger.lines() };
}
