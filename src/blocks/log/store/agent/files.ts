/** Files that pipelines read, and how far. Layout and states: file-tables.ts. */
import type { Store } from '../../../../platform/store/store.js';
import type { Checkpoint } from '../../agent/source.js';

export type FileState = 'open' | 'done' | 'gone' | 'copy' | 'ignored';

/** Where the bytes of a file are. */
export interface FilePlace {
  readonly path: string;
  readonly device: bigint;
  readonly inode: bigint;
  /** Nanoseconds; 0: not known. */
  readonly birth: bigint;
  readonly compressed: boolean;
  readonly state: FileState;
  /** Number of the file that it is a copy of, for state `copy`. */
  readonly copyOf?: number | undefined;
}

export interface NewFile extends FilePlace, Omit<Checkpoint, 'file'> {
  readonly family: string;
  /** Where reading begins. */
  readonly begun: number;
  readonly framing: string;
}

export interface KnownFile extends NewFile {
  readonly number: number;
  readonly pipeline: number;
  readonly firstPath: string;
}

interface Row {
  readonly number: number;
  readonly pipeline: number;
  readonly family: string;
  readonly path: string;
  readonly first_path: string;
  readonly device: string;
  readonly inode: string;
  readonly birth: string;
  readonly compressed: number;
  readonly state: FileState;
  readonly copy_of: number | null;
  readonly begun: number;
  readonly offset: number;
  readonly lines: number;
  readonly fingerprint_length: number;
  readonly fingerprint: string;
  readonly tail_length: number;
  readonly tail: string;
  readonly framing: string;
}

/** Files that have gone are looked through for each unknown file of their family: no more than the latest so many. */
const MOST_GONE = 10_000;

/** Of one pipeline. Whatever writes runs within a transaction of the caller's. */
export class Files {
  readonly #store: Store;
  readonly #pipeline: number;

  constructor(store: Store, pipeline: number) {
    this.#store = store;
    this.#pipeline = pipeline;
  }

  /** All that may be met again: those that are somewhere, and the latest that have gone. */
  load(): KnownFile[] {
    return this.#store.read(() => {
      const present = this.#store
        .statement<[number], Row>("SELECT * FROM files WHERE pipeline = ? AND state <> 'gone'")
        .all(this.#pipeline);
      const gone = this.#store
        .statement<[number, number], Row>(
          "SELECT * FROM files WHERE pipeline = ? AND state = 'gone' ORDER BY number DESC LIMIT ?",
        )
        .all(this.#pipeline, MOST_GONE);
      return [...present, ...gone].map(knownFile).sort((a, b) => a.number - b.number);
    });
  }

  /** Returns its number. */
  add(file: NewFile): number {
    const { lastInsertRowid } = this.#store
      .statement<(string | number | null)[]>(
        `INSERT INTO files (pipeline, family, path, first_path, device, inode, birth, compressed, state, copy_of, begun, offset,
           lines, fingerprint_length, fingerprint, tail_length, tail, framing)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        this.#pipeline,
        file.family,
        file.path,
        file.path,
        String(file.device),
        String(file.inode),
        String(file.birth),
        Number(file.compressed),
        file.state,
        file.copyOf ?? null,
        file.begun,
        file.offset,
        file.lines,
        file.fingerprint.length,
        file.fingerprint.hash,
        file.tail.length,
        file.tail.hash,
        file.framing,
      );
    return Number(lastInsertRowid);
  }

  /** Its bytes are somewhere else, or nowhere. */
  move(number: number, place: FilePlace): void {
    this.#store
      .statement<[string, string, string, string, number, string, number | null, number]>(
        `UPDATE files SET path = ?, device = ?, inode = ?, birth = ?, compressed = ?, state = ?, copy_of = ?
         WHERE number = ?`,
      )
      .run(
        place.path,
        String(place.device),
        String(place.inode),
        String(place.birth),
        Number(place.compressed),
        place.state,
        place.copyOf ?? null,
        number,
      );
  }

  /** How far it was read; in the transaction that makes sure of the entries. */
  save({ file, offset, lines, fingerprint, tail }: Checkpoint): void {
    this.#store
      .statement<[number, number, number, string, number, string, number]>(
        `UPDATE files SET offset = ?, lines = ?, fingerprint_length = ?, fingerprint = ?, tail_length = ?, tail = ?
         WHERE number = ?`,
      )
      .run(offset, lines, fingerprint.length, fingerprint.hash, tail.length, tail.hash, file);
  }

  isWatched(pattern: string): boolean {
    return this.#store.read(
      () =>
        this.#store
          .statement<[number, string]>('SELECT 1 FROM watched WHERE pipeline = ? AND pattern = ?')
          .get(this.#pipeline, pattern) !== undefined,
    );
  }

  watch(pattern: string): void {
    this.#store
      .statement<[number, string]>('INSERT OR IGNORE INTO watched (pipeline, pattern) VALUES (?, ?)')
      .run(this.#pipeline, pattern);
  }
}

/** Files of every pipeline whose family or path this is, oldest first. */
export function filesOfPath(store: Store, path: string): KnownFile[] {
  return store.read(() =>
    store
      .statement<[string, string], Row>('SELECT * FROM files WHERE family = ? OR path = ? ORDER BY pipeline, number')
      .all(path, path)
      .map(knownFile),
  );
}

/** Files of a pipeline that are somewhere, for reports. */
export function presentFiles(store: Store, pipeline: number): KnownFile[] {
  return store.read(() =>
    store
      .statement<[number], Row>("SELECT * FROM files WHERE pipeline = ? AND state <> 'gone' ORDER BY number")
      .all(pipeline)
      .map(knownFile),
  );
}

function knownFile(row: Row): KnownFile {
  return {
    number: row.number,
    pipeline: row.pipeline,
    family: row.family,
    path: row.path,
    firstPath: row.first_path,
    device: BigInt(row.device),
    inode: BigInt(row.inode),
    birth: BigInt(row.birth),
    compressed: row.compressed === 1,
    state: row.state,
    copyOf: row.copy_of ?? undefined,
    begun: row.begun,
    offset: row.offset,
    lines: row.lines,
    fingerprint: { length: row.fingerprint_length, hash: row.fingerprint },
    tail: { length: row.tail_length, hash: row.tail },
    framing: row.framing,
  };
}
