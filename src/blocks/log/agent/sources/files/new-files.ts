/**
 * What unknown files are: judged (judge.ts) one after the other, those that are followed first, so that others can be compared with them.
 * What is decided of one is known when the next is judged.
 */
import { messageOf } from '../../../../../platform/errors.js';
import { contentOf } from './contents.js';
import { type Added, type Decision, gone, moved, placeOf, type Seen } from './decisions.js';
import { type Disk, inodeKey, isSameFile } from './disk.js';
import type { FileLedger } from './file-ledger.js';
import { NO_PROOF, type Position, PROOF_BYTES, prove } from './identity.js';
import { Judge, type Relations, type Verdict } from './judge.js';
import type { Sighting } from './listing.js';
import { familyOf, GZIP_SUFFIX } from './rotated-names.js';
import { TrackedFile } from './tracked-file.js';

export interface NewFilesOptions {
  readonly disk: Disk;
  readonly ledger: Pick<FileLedger, 'isWatched'>;
  /** Absolute. */
  readonly patterns: readonly string[];
  /** Where files begin that are there at the very first look. */
  readonly from: 'start' | 'end';
  /** Read what was rotated before the very first look, too. */
  readonly rotated: boolean;
  /** For the ledger: how lines become entries. */
  readonly framing: string;
}

export interface Judged {
  /** Patterns that were looked at for the first time. */
  readonly watched: readonly string[];
  readonly decisions: readonly Decision[];
  /** In the order in which they are to be read. */
  readonly added: readonly Added[];
}

export class NewFiles {
  readonly #options: NewFilesOptions;
  readonly #judge: Judge;

  constructor(options: NewFilesOptions) {
    this.#options = options;
    this.#judge = new Judge(options.disk);
  }

  /** What `seen.unknown` holds. What cannot be judged now comes up again at the next look. */
  async judge(files: readonly TrackedFile[], seen: Seen): Promise<Judged> {
    const { from, rotated, ledger, patterns } = this.#options;
    const { followed } = seen.listed;
    const fresh = new Set(patterns.filter((pattern) => !ledger.isWatched(pattern)));
    const knownFamilies = new Set(files.map(({ family }) => family));
    const isFollowed = (path: string) => followed.has(path) || knownFamilies.has(path);
    const added: Added[] = [];
    const decisions: Decision[] = [];
    const byKey = new Map(files.filter(({ isThere }) => isThere).map((file) => [file.key, file]));
    const byFamily = groupByFamily(files);
    /** Families in which something plain is not decided: what is compressed may have been made of it. */
    const undecided = new Set<string>();
    const claimed = new Set<TrackedFile>();
    for (const sighting of inOrder([...seen.unknown.values()], isFollowed)) {
      const family = familyOf(sighting.path, isFollowed);
      if (isCompressedName(sighting) && undecided.has(family)) continue;
      const known = byKey.get(inodeKey(sighting.stat));
      const relatives = (byFamily.get(family) ?? []).filter((file) => file !== known);
      const of = sighting.patterns.length > 0 ? sighting.patterns : (followed.get(family) ?? []);
      const isFirstLook = of.length > 0 && of.every((pattern) => fresh.has(pattern)) && !knownFamilies.has(family);
      const isWanted = sighting.patterns.length > 0 ? from === 'start' : rotated;
      const verdict = await this.#judged(sighting, { family, relatives, isHistory: isFirstLook && !isWanted }, seen);
      if (verdict.kind === 'wait' && sighting.stat.size > 0) undecided.add(family);
      if (verdict.kind === 'moved') {
        // The other one is its copy, which the next look finds.
        if (claimed.has(verdict.from)) continue;
        claimed.add(verdict.from);
        decisions.push(moved(verdict, sighting, seen.now));
      }
      if (known !== undefined) {
        if (isCopyNoMore(known, verdict, files)) decisions.push(gone(known));
        continue;
      }
      const begun = this.#begin(sighting, family, verdict, seen.now);
      if (begun === undefined) continue;
      added.push(begun);
      byFamily.set(family, [...(byFamily.get(family) ?? []), begun.file]);
    }
    return { watched: [...fresh], decisions, added: added.sort(byAge) };
  }

  async #judged(sighting: Sighting, relations: Relations, { troubles }: Seen): Promise<Verdict> {
    try {
      const verdict = await this.#judge.judge(sighting, relations);
      if (verdict.kind === 'refused') troubles.set(sighting.path, verdict.reason);
      return verdict;
    } catch (error) {
      troubles.set(sighting.path, messageOf(error));
      return { kind: 'wait' };
    }
  }

  #begin(sighting: Sighting, family: string, verdict: Verdict, now: number): Added | undefined {
    if (verdict.kind === 'wait' || verdict.kind === 'refused' || verdict.kind === 'moved') return undefined;
    // A copy of a file that has no number yet is one at the next look.
    if (verdict.kind === 'copy' && verdict.of.number === 0) return undefined;
    const file = TrackedFile.begin(sighting.path, family, sighting.stat, verdict.compressed, now);
    file.position = { ...file.position, fingerprint: verdict.fingerprint };
    if (verdict.kind === 'copy') {
      file.state = 'copy';
      file.copyOf = verdict.of.number;
    } else if (verdict.kind === 'history') {
      if (verdict.compressed) file.state = 'ignored';
      else file.position = endOf(sighting, this.#options.disk) ?? file.position;
    }
    const { position } = file;
    const { framing } = this.#options;
    return { file, entry: { ...placeOf(file), family, begun: position.offset, ...position, lines: 0, framing } };
  }
}

/** Of what is known as a copy, and its original has gone or it has changed. */
function isCopyNoMore(copy: TrackedFile, verdict: Verdict, files: readonly TrackedFile[]): boolean {
  if (verdict.kind !== 'new') return verdict.kind === 'moved';
  // It has grown beyond its original, and is one of its own by now. What is no longer than what was read stays a copy.
  const original = files.find(({ number }) => number === copy.copyOf);
  // Where nothing of a file that has gone was read, its copy is all there is.
  return original?.state !== 'gone' || original.position.offset === 0;
}

function endOf({ path, stat }: Sighting, disk: Disk): Position | undefined {
  const file = disk.open(path);
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
