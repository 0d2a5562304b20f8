/**
 * A service that writes, and a logrotate that renames, copies and truncates, compresses and deletes, one small step at a time, as a tape of
 * numbers says. Before any call of the follower to the disk the world may have gone on by some steps.
 */
import type { MemoryInode } from './memory-disk.js';
import { MemoryDisk } from './memory-disk.js';

const BASE = '/l/app.log';
export const HEADER = 'service started: version 1.2.3\n';
const MOST_ROTATED = 60;

export class Tape {
  #at = 0;
  constructor(private readonly numbers: readonly number[]) {}

  get isAtEnd(): boolean {
    return this.#at >= this.numbers.length;
  }

  /** 0 once the tape has ended. */
  next(below: number): number {
    return (this.numbers[this.#at++] ?? 0) % below;
  }
}

export class SimulatedWorld {
  readonly disk: MemoryDisk;
  /** Whole lines that were written, and what stands in the last one so far. */
  readonly written: string[] = [];
  readonly #inodes = new Set<MemoryInode>();
  #part = '';
  #writer: MemoryInode;
  #script: Iterator<void> | undefined;
  #mayWrite = true;
  #lines = 0;

  constructor(
    readonly tape: Tape,
    hasBirths: boolean,
    private readonly headersAlone: boolean,
    /** Called where the agent may die. */
    readonly onStep: () => void,
    readonly log: (text: string) => void = () => {},
  ) {
    this.disk = new MemoryDisk(hasBirths, () => this.between(), log);
    this.#writer = this.#create(BASE);
    this.#writeLine();
  }

  between(): void {
    if (!this.tape.isAtEnd) for (let steps = this.tape.next(4); steps > 1; steps--) this.step();
    this.onStep();
  }

  step(): void {
    const choice = this.tape.next(12);
    if (choice < 5) this.#write(choice);
    else if (this.#script !== undefined) this.#advance();
    else if (choice < 7) this.#script = this.#rotateByRename();
    else if (choice < 9) this.#script = this.#rotateByCopy();
    else if (choice < 11) this.#script = this.#compress();
  }

  /** Ends what is under way, and the last line. */
  settle(): void {
    while (this.#script !== undefined) this.#advance();
    if (this.#part !== '') this.#write(0);
  }

  agentDied(): void {
    this.disk.closeAll(this.#inodes);
  }

  #advance(): void {
    if (this.#script?.next().done === true) this.#script = undefined;
  }

  #write(choice: number): void {
    if (!this.#mayWrite) return;
    if (choice === 4 && this.#part === '') {
      this.#part = `part ${this.#lines++} `;
      this.disk.append(this.#writer, this.#part);
    } else if (this.#part !== '') {
      this.written.push(`${this.#part}end`);
      this.#part = '';
      this.disk.append(this.#writer, 'end\n');
    } else for (let i = 0; i <= choice; i++) this.#writeLine();
  }

  /**
   * The header comes with the first line in one write: of files that have only a header nobody can tell two apart. With `headersAlone` it may
   * stand alone for a while.
   */
  #writeLine(): void {
    if (this.headersAlone && this.#writer.bytes.length === 0) {
      this.written.push(HEADER.trimEnd());
      this.disk.append(this.#writer, HEADER);
      return;
    }
    const line = `line ${this.#lines++} ${'x'.repeat(this.#lines % 7 === 0 ? 600 : this.#lines % 40)}`;
    const header = this.#writer.bytes.length === 0 ? HEADER : '';
    if (header !== '') this.written.push(header.trimEnd());
    this.written.push(line);
    this.disk.append(this.#writer, `${header}${line}\n`);
  }

  #create(path: string): MemoryInode {
    const inode = this.disk.create(path, Buffer.alloc(0));
    this.#inodes.add(inode);
    return inode;
  }

  *#shift(): Iterator<void> {
    for (let i = MOST_ROTATED; i >= 1; i--) {
      for (const ending of ['.gz', '']) {
        if (this.disk.inode(`${BASE}.${i}${ending}`) === undefined) continue;
        this.disk.rename(`${BASE}.${i}${ending}`, `${BASE}.${i + 1}${ending}`);
        yield;
      }
    }
  }

  *#rotateByRename(): Generator<void> {
    yield* iterate(this.#shift());
    this.disk.rename(BASE, `${BASE}.1`);
    yield;
    const created = this.#create(BASE);
    yield;
    // The service opens the new file some time later, after the line that it is at.
    while (this.#part !== '') {
      this.#write(0);
      yield;
    }
    this.#writer = created;
  }

  *#rotateByCopy(): Generator<void> {
    yield* iterate(this.#shift());
    // logrotate loses what is written between its copy and its truncation.
    this.#mayWrite = false;
    const copy = this.#create(`${BASE}.1`);
    yield;
    const { bytes } = this.#writer;
    this.disk.write(copy, bytes.subarray(0, bytes.length >> 1));
    yield;
    this.disk.write(copy, bytes);
    yield;
    this.disk.write(this.#writer, Buffer.alloc(0));
    yield;
    this.#mayWrite = true;
    // A line that was cut in two by it is two lines.
    if (this.#part !== '') this.written.push(this.#part);
    this.#part = '';
  }

  *#compress(): Generator<void> {
    const path = [1, 2, 3, 4].map((i) => `${BASE}.${i}`).find((name) => this.disk.inode(name) !== undefined);
    const plain = path === undefined ? undefined : this.disk.inode(path);
    if (path === undefined || plain === undefined || plain === this.#writer) return;
    const compressed = this.#create(`${path}.gz`);
    yield;
    this.disk.gzip(compressed, plain.bytes.subarray(0, plain.bytes.length >> 1), false);
    yield;
    this.disk.gzip(compressed, plain.bytes, true);
    // As gzip does.
    compressed.modified = plain.modified;
    yield;
    this.disk.unlink(path);
  }
}

function* iterate(iterator: Iterator<void>): Generator<void> {
  while (iterator.next().done !== true) yield;
}
