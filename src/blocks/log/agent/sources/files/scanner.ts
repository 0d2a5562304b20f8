/**
 * Finds out which file is which: what is on disk against what the ledger knows.
 *
 *     look at all     known inodes (known-files.ts): still the same file? elsewhere? truncated? gone?
 *                     unknown ones: judged (new-files.ts), the files that are followed first, then what lies beside them, oldest first
 *                     one transaction with all that was found
 *     quick look      only whether known files have grown, and whether names may have changed
 *
 * What is found is applied in memory after it is on disk, so that a crash at any point leaves the ledger as it was before or after.
 */
import { messageOf } from '../../../../../platform/errors.js';
import { type Decision, done, gone, type Seen } from './decisions.js';
import { inodeKey } from './disk.js';
import type { FileChanges, FileLedger } from './file-ledger.js';
import { findKnown } from './known-files.js';
import { Listing, type Sighting } from './listing.js';
import { type Judged, NewFiles, type NewFilesOptions } from './new-files.js';
import { TrackedFile } from './tracked-file.js';

export interface ScannerOptions extends NewFilesOptions {
  readonly ledger: FileLedger;
  readonly tell: TellTrouble;
}

/** What is wrong with a path; undefined: it is well again. */
export type TellTrouble = (path: string, problem: string | undefined) => void;

export class Scanner {
  readonly files: TrackedFile[];
  readonly #options: ScannerOptions;
  readonly #listing: Listing;
  readonly #newFiles: NewFiles;
  readonly #troubles = new Map<string, string>();

  constructor(options: ScannerOptions, now: number) {
    this.#options = options;
    this.#listing = new Listing(options.disk, options.patterns);
    this.#newFiles = new NewFiles(options);
    this.files = options.ledger.load().map((file) => new TrackedFile(file, now));
  }

  /** Whether the next look has to be one at all. */
  get mustLookAtAll(): boolean {
    return this.files.some(({ isSuspect }) => isSuspect) || this.#listing.hasChanged();
  }

  /** `now`: on the monotonic clock. Returns whether anything was found that the ledger did not know. */
  async lookAtAll(now: number): Promise<boolean> {
    const families = new Set(this.files.filter(({ isThere }) => isThere).map(({ family }) => family));
    const listed = this.#listing.list(families);
    const troubles = new Map<string, string>([...listed.troubles].map(([path, error]) => [path, messageOf(error)]));
    const unknown = new Map<string, Sighting>();
    for (const sighting of listed.sightings) {
      const key = inodeKey(sighting.stat);
      // A hard link, or a symbolic one to a file that is matched itself.
      if (!unknown.has(key)) unknown.set(key, sighting);
    }
    const seen: Seen = { listed, unknown, troubles, now };
    const known = findKnown(this.files, seen, this.#options.disk);
    await this.#decide(known);
    const judged = await this.#newFiles.judge(this.files, seen);
    await this.#write(judged);
    this.#tellTroubles(troubles);
    return known.length + judged.decisions.length + judged.added.length > 0;
  }

  /** Known files only; `isDue` chooses among those that have not changed for long. */
  quickLook(now: number, isDue: (file: TrackedFile) => boolean): void {
    for (const file of this.files) {
      if (file.state !== 'open' || file.hasNews || !isDue(file)) continue;
      const stat = file.descriptor === undefined ? this.#statOf(file) : file.descriptor.stat();
      if (stat === undefined || inodeKey(stat) !== file.key) {
        if (file.missing === 0) file.isSuspect = true;
      } else file.observe(stat, now);
    }
  }

  /** It will not be read any more: the bytes it has are all handed out and on disk, and no name leads to it. */
  async release(file: TrackedFile): Promise<void> {
    await this.#decide([gone(file)]);
  }

  /** A compressed file was read to its end, and that is on disk. */
  async finish(file: TrackedFile): Promise<void> {
    await this.#decide([done(file)]);
  }

  close(): void {
    for (const file of this.files) file.close();
  }

  #statOf(file: TrackedFile) {
    try {
      return this.#options.disk.stat(file.path);
    } catch {
      return undefined;
    }
  }

  #decide(decisions: readonly Decision[]): Promise<void> {
    return this.#write({ watched: [], decisions, added: [] });
  }

  async #write({ watched, decisions, added }: Judged): Promise<void> {
    if (watched.length + decisions.length + added.length === 0) return;
    const changes: FileChanges = {
      watched,
      moved: decisions.map(({ file, place }) => ({ number: file.number, place })),
      added: added.map(({ entry }) => entry),
    };
    const numbers = await this.#options.ledger.write(changes);
    for (const { apply } of decisions) apply();
    for (const [i, { file }] of added.entries()) {
      file.number = numbers[i] ?? 0;
      this.files.push(file);
    }
  }

  #tellTroubles(troubles: ReadonlyMap<string, string>): void {
    for (const [path, problem] of troubles) {
      if (this.#troubles.get(path) !== problem) this.#options.tell(path, problem);
      this.#troubles.set(path, problem);
    }
    for (const path of this.#troubles.keys()) {
      if (troubles.has(path)) continue;
      this.#troubles.delete(path);
      this.#options.tell(path, undefined);
    }
  }
}
