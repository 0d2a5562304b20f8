/**
 * Finds out which file is which: what is on disk against what the ledger knows.
 *
 *     look at all     known inodes: still the same file? elsewhere? truncated? gone?
 *                     unknown ones: judged (judge.ts), the files that are followed first, then what lies beside them, oldest first
 *                     one transaction with all that was found
 *     quick look      only whether known files have grown, and whether names may have changed
 *
 * What is found is applied in memory after it is on disk, so that a crash at any point leaves the ledger as it was before or after.
 */
import { messageOf } from '../../../../../platform/errors.js';
import type { FilePlace, NewFile } from '../../../store/agent/files.js';
import { contentOf } from './contents.js';
import { type Disk, inodeKey, isSameBirth, isSameFile, type OpenFile } from './disk.js';
import type { FileChanges, FileLedger } from './file-ledger.js';
import { continues, NO_PROOF, type Position, PROOF_BYTES, prove } from './identity.js';
import { Judge, type Verdict } from './judge.js';
import { type Listed, Listing, type Sighting } from './listing.js';
import { familyOf, GZIP_SUFFIX } from './rotated-names.js';
import { TrackedFile } from './tracked-file.js';

export interface ScannerOptions {
  readonly disk: Disk;
  readonly ledger: FileLedger;
  /** Absolute. */
  readonly patterns: readonly string[];
  /** Where files begin that are there at the very first look. */
  readonly from: 'start' | 'end';
  /** Read what was rotated before the very first look, too. */
  readonly rotated: boolean;
  /** For the ledger: how lines become entries. */
  readonly framing: string;
  readonly tell: TellTrouble;
}

/** What is wrong with a path; undefined: it is well again. */
export type TellTrouble = (path: string, problem: string | undefined) => void;

/** An unlisted file may have been renamed while the folder was listed. */
const MISSING_LOOKS = 2;

/** An outcome of a look that is not in the ledger yet. */
interface Decision {
  readonly file: TrackedFile;
  readonly place: FilePlace;
  readonly apply: () => void;
}

/** A file that gets its number when it is in the ledger. */
interface Added {
  readonly file: TrackedFile;
  readonly entry: NewFile;
}

export class Scanner {
  readonly files: TrackedFile[];
  readonly #options: ScannerOptions;
  readonly #listing: Listing;
  readonly #judge: Judge;
  readonly #troubles = new Map<string, string>();

  constructor(options: ScannerOptions, now: number) {
    this.#options = options;
    this.#listing = new Listing(options.disk, options.patterns);
    this.#judge = new Judge(options.disk);
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
    const decisions: Decision[] = [];
    for (const file of this.files) if (file.isThere) this.#find(file, listed, unknown, troubles, now, decisions);
    await this.#write({ watched: [], decisions, added: [] });
    const found = await this.#judgeAll(unknown, listed, troubles, now);
    this.#tellTroubles(troubles);
    return decisions.length > 0 || found;
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
    await this.#write({ watched: [], decisions: [gone(file)], added: [] });
  }

  /** A compressed file was read to its end, and that is on disk. */
  async finish(file: TrackedFile): Promise<void> {
    const place: FilePlace = { ...placeOf(file), state: 'done' };
    const apply = () => {
      file.state = 'done';
      file.close();
    };
    await this.#write({ watched: [], decisions: [{ file, place, apply }], added: [] });
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

  /** What became of a known file; takes its sighting away where it is still the same. */
  #find(
    file: TrackedFile,
    listed: Listed,
    unknown: Map<string, Sighting>,
    troubles: Map<string, string>,
    now: number,
    decisions: Decision[],
  ): void {
    const sighting = unknown.get(file.key);
    if (sighting === undefined) {
      // Without a name, and its bytes are not those that were read: nothing will come of it.
      if (file.descriptor !== undefined && file.isSuspect) decisions.push(gone(file));
      else if (file.descriptor !== undefined) {
        file.observe(file.descriptor.stat(), now);
        file.missing++;
      } else if (listed.troubles.size === 0 && ++file.missing >= MISSING_LOOKS) decisions.push(gone(file));
      return;
    }
    const isSame = isSameBirth(file.birth, sighting.stat.birth) && this.#isIntact(file, sighting, troubles);
    if (isSame === undefined) {
      unknown.delete(file.key);
      file.isSuspect = false;
      return;
    }
    if (!isSame) {
      decisions.push(gone(file));
      return;
    }
    unknown.delete(file.key);
    const isFirst = !file.isProved;
    const hasChanged = file.size !== sighting.stat.size;
    const { birth, path } = file;
    file.missing = 0;
    file.isSuspect = false;
    file.isProved = true;
    file.observe(sighting.stat, now);
    if (file.state === 'copy' && (isFirst || hasChanged || this.#hasLost(file))) unknown.set(file.key, sighting);
    if (path !== sighting.path || birth !== file.birth) decisions.push(renamed(file, sighting.path));
  }

  /** The original of a copy has gone: what the copy has beyond what was read of it is read from the copy. */
  #hasLost({ copyOf }: TrackedFile): boolean {
    return this.files.find(({ number }) => number === copyOf)?.state === 'gone';
  }

  /** Whether the bytes up to the position are still those that were read. Undefined: it cannot be looked at now. */
  #isIntact(file: TrackedFile, { path, stat }: Sighting, troubles: Map<string, string>): boolean | undefined {
    const isUnchanged = stat.size === file.size && stat.modified === file.modified;
    // A compressed file does not change. Where it did, or where only its inode says that it is the same, it is judged anew by its bytes.
    if (file.state === 'done') return file.isProved ? isUnchanged : file.birth !== 0n && stat.birth !== 0n;
    if (file.compressed || file.state === 'ignored') return true;
    // Nothing was seen of it, and nothing but a number that may be used again says that it is the same.
    const isBlank = file.position.offset === 0 && file.position.fingerprint.length === 0 && stat.size > 0;
    if (isBlank && file.descriptor === undefined && (file.birth === 0n || stat.birth === 0n)) return false;
    if (stat.size < Math.max(file.position.offset, file.position.fingerprint.length)) return false;
    if (file.isProved && isUnchanged && !file.isSuspect) return true;
    try {
      const opened = this.#opened(file, path);
      if (opened === undefined) return undefined;
      try {
        if (!isSameFile(opened.stat(), file)) return undefined;
        return continues(contentOf(opened), file.position);
      } finally {
        if (opened !== file.descriptor) opened.close();
      }
    } catch (error) {
      troubles.set(path, messageOf(error));
      return undefined;
    }
  }

  #opened(file: TrackedFile, path: string): OpenFile | undefined {
    return file.descriptor ?? this.#options.disk.open(path);
  }

  async #judgeAll(
    unknown: ReadonlyMap<string, Sighting>,
    listed: Listed,
    troubles: Map<string, string>,
    now: number,
  ): Promise<boolean> {
    const { ledger, patterns } = this.#options;
    const fresh = new Set(patterns.filter((pattern) => !ledger.isWatched(pattern)));
    const knownFamilies = new Set(this.files.map(({ family }) => family));
    const isFollowed = (path: string) => listed.followed.has(path) || knownFamilies.has(path);
    const added: Added[] = [];
    const decisions: Decision[] = [];
    const byKey = new Map(this.files.filter(({ isThere }) => isThere).map((file) => [file.key, file]));
    const byFamily = groupByFamily(this.files);
    /** Families in which something plain is not decided: what is compressed may have been made of it. */
    const undecided = new Set<string>();
    const claimed = new Set<TrackedFile>();
    for (const sighting of inOrder([...unknown.values()], isFollowed)) {
      const family = familyOf(sighting.path, isFollowed);
      if (isCompressedName(sighting) && undecided.has(family)) continue;
      const known = byKey.get(inodeKey(sighting.stat));
      const relatives = (byFamily.get(family) ?? []).filter((file) => file !== known);
      const of = sighting.patterns.length > 0 ? sighting.patterns : (listed.followed.get(family) ?? []);
      const isFirstLook = of.length > 0 && of.every((pattern) => fresh.has(pattern)) && !knownFamilies.has(family);
      const isWanted = sighting.patterns.length > 0 ? this.#options.from === 'start' : this.#options.rotated;
      const isHistory = isFirstLook && !isWanted;
      const verdict = await this.#judged(sighting, { family, relatives, isHistory }, troubles);
      if (verdict.kind === 'wait' && sighting.stat.size > 0) undecided.add(family);
      if (verdict.kind === 'moved') {
        // The other one is its copy, which the next look finds.
        if (claimed.has(verdict.from)) continue;
        claimed.add(verdict.from);
      }
      const before = added.length;
      if (known === undefined) this.#conclude(sighting, family, verdict, now, decisions, added);
      else this.#concludeCopy(known, sighting, verdict, now, decisions);
      for (const { file } of added.slice(before)) byFamily.set(family, [...(byFamily.get(family) ?? []), file]);
    }
    if (fresh.size > 0 || decisions.length > 0 || added.length > 0) {
      await this.#write({ watched: [...fresh], decisions, added: added.sort(byAge) });
    }
    return decisions.length > 0 || added.length > 0;
  }

  async #judged(
    sighting: Sighting,
    relations: { family: string; relatives: TrackedFile[]; isHistory: boolean },
    troubles: Map<string, string>,
  ): Promise<Verdict> {
    try {
      const verdict = await this.#judge.judge(sighting, relations);
      if (verdict.kind === 'refused') troubles.set(sighting.path, verdict.reason);
      return verdict;
    } catch (error) {
      troubles.set(sighting.path, messageOf(error));
      return { kind: 'wait' };
    }
  }

  #conclude(
    sighting: Sighting,
    family: string,
    verdict: Verdict,
    now: number,
    decisions: Decision[],
    added: Added[],
  ): void {
    if (verdict.kind === 'wait' || verdict.kind === 'refused') return;
    if (verdict.kind === 'moved') {
      decisions.push(moved(verdict, sighting, now));
      return;
    }
    const file = TrackedFile.begin(sighting.path, family, sighting.stat, verdict.compressed, now);
    let begun: Position = { ...file.position, fingerprint: verdict.fingerprint };
    if (verdict.kind === 'copy') file.state = 'copy';
    if (verdict.kind === 'copy') file.copyOf = verdict.of.number;
    if (verdict.kind === 'history' && verdict.compressed) file.state = 'ignored';
    if (verdict.kind === 'history' && !verdict.compressed) begun = this.#endOf(sighting) ?? begun;
    file.position = begun;
    const entry = { ...placeOf(file), family, begun: begun.offset, ...begun, lines: 0, framing: this.#options.framing };
    // A copy of a file that has no number yet is one at the next look.
    if (verdict.kind !== 'copy' || verdict.of.number !== 0) added.push({ file, entry });
  }

  /** What is known as a copy, and its original has gone or it has changed. */
  #concludeCopy(copy: TrackedFile, sighting: Sighting, verdict: Verdict, now: number, decisions: Decision[]): void {
    if (verdict.kind === 'moved') decisions.push(moved(verdict, sighting, now), gone(copy));
    // It has grown beyond its original, and is one of its own by now. What is no longer than what was read stays a copy.
    if (verdict.kind === 'new') {
      const original = this.files.find(({ number }) => number === copy.copyOf);
      // Where nothing of a file that has gone was read, its copy is all there is.
      const wasRead = original?.state === 'gone' && original.position.offset > 0;
      if (!wasRead) decisions.push(gone(copy));
    }
  }

  #endOf({ path, stat }: Sighting): Position | undefined {
    const file = this.#options.disk.open(path);
    if (file === undefined) return undefined;
    try {
      if (!isSameFile(file.stat(), stat)) return undefined;
      const content = contentOf(file);
      const length = Math.min(content.size, PROOF_BYTES);
      if (length === 0) return { offset: 0, fingerprint: NO_PROOF, tail: NO_PROOF };
      const tail = prove(content.bytes(content.size - length, content.size));
      return { offset: content.size, fingerprint: prove(content.bytes(0, length)), tail };
    } finally {
      file.close();
    }
  }

  async #write(found: {
    readonly watched: readonly string[];
    readonly decisions: readonly Decision[];
    readonly added: readonly Added[];
  }): Promise<void> {
    const { watched, decisions, added } = found;
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

function placeOf({ path, device, inode, birth, compressed, state, copyOf }: TrackedFile): FilePlace {
  return { path, device, inode, birth, compressed, state, copyOf };
}

function gone(file: TrackedFile): Decision {
  const apply = () => {
    file.state = 'gone';
    file.isSuspect = false;
    file.pendingSince = undefined;
    file.close();
  };
  return { file, place: { ...placeOf(file), state: 'gone' }, apply };
}

function renamed(file: TrackedFile, path: string): Decision {
  const apply = () => {
    file.path = path;
  };
  return { file, place: { ...placeOf(file), path }, apply };
}

function moved(verdict: Verdict & { kind: 'moved' }, { path, stat }: Sighting, now: number): Decision {
  const { from, compressed, atEnd } = verdict;
  const { device, inode, birth } = stat;
  // What was handed out may not be on disk yet: then it is read to its end once more, which is found at once.
  const state = compressed && atEnd && from.committed === from.position.offset ? 'done' : 'open';
  const place: FilePlace = { path, device, inode, birth, compressed, state };
  return { file: from, place, apply: () => from.moveTo(place, stat, now) };
}

/**
 * Those that are followed themselves first, so that others can be compared with them; then plain ones, of which compressed ones may have
 * been made; of each the oldest first.
 */
function inOrder(sightings: readonly Sighting[], isFollowed: (path: string) => boolean): Sighting[] {
  const rank = (sighting: Sighting) => {
    if (isCompressedName(sighting)) return 2;
    return familyOf(sighting.path, isFollowed) === sighting.path ? 0 : 1;
  };
  return sightings
    .map((sighting) => ({ sighting, rank: rank(sighting) }))
    .sort((a, b) => a.rank - b.rank || compareTimes(a.sighting.stat.modified, b.sighting.stat.modified))
    .map(({ sighting }) => sighting);
}

/** Of the ledger: rotated files before the one that is being written, the oldest first, so that lines are read in their order. */
function byAge({ file: a }: Added, { file: b }: Added): number {
  const isFirst = (file: TrackedFile) => file.path === file.family;
  return Number(isFirst(a)) - Number(isFirst(b)) || compareTimes(a.modified, b.modified);
}

function compareTimes(a: bigint, b: bigint): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function isCompressedName({ path }: Sighting): boolean {
  return path.endsWith(GZIP_SUFFIX);
}

function groupByFamily(files: readonly TrackedFile[]): Map<string, TrackedFile[]> {
  const groups = new Map<string, TrackedFile[]>();
  for (const file of files) {
    const group = groups.get(file.family);
    if (group === undefined) groups.set(file.family, [file]);
    else group.push(file);
  }
  return groups;
}
