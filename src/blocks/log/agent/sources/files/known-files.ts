/** What became of the files that the ledger knows: still the same, at another path, truncated, or gone. */
import { dirname } from 'node:path';
import { messageOf } from '../../../../../platform/errors.js';
import { contentOf } from './contents.js';
import { type Decision, gone, renamed, type Seen } from './decisions.js';
import { type Disk, isSameBirth, isSameFile } from './disk.js';
import { continues } from './identity.js';
import type { Sighting } from './listing.js';
import type { TrackedFile } from './tracked-file.js';

/** An unlisted file may have been renamed while the folder was listed. */
const MISSING_LOOKS = 2;

/** Takes the sightings of files that are still the same from `seen.unknown`, but those of copies that have to be judged anew. */
export function findKnown(files: readonly TrackedFile[], seen: Seen, disk: Disk): Decision[] {
  const decisions: Decision[] = [];
  for (const file of files) {
    if (!file.isThere) continue;
    const sighting = seen.unknown.get(file.key);
    const decision =
      sighting === undefined ? findMissing(file, seen) : findSighted(file, sighting, { files, seen, disk });
    if (decision !== undefined) decisions.push(decision);
  }
  return decisions;
}

function findMissing(file: TrackedFile, { listed, now }: Seen): Decision | undefined {
  const { descriptor } = file;
  if (descriptor === undefined) {
    const isGone = !isHidden(file.path, listed.troubles) && ++file.missing >= MISSING_LOOKS;
    return isGone ? gone(file) : undefined;
  }
  // Without a name, and its bytes are not those that were read: nothing will come of it.
  if (file.isSuspect) return gone(file);
  file.observe(descriptor.stat(), now);
  file.missing++;
  return undefined;
}

/** Whether what could not be looked at may be what the file lies in, or beside. */
function isHidden(path: string, troubles: ReadonlyMap<string, unknown>): boolean {
  const folder = dirname(path);
  for (const trouble of troubles.keys()) {
    if (trouble === path || dirname(trouble) === folder) return true;
    if (folder === trouble || folder.startsWith(trouble === '/' ? trouble : `${trouble}/`)) return true;
  }
  return false;
}

function findSighted(
  file: TrackedFile,
  sighting: Sighting,
  { files, seen, disk }: { readonly files: readonly TrackedFile[]; readonly seen: Seen; readonly disk: Disk },
): Decision | undefined {
  const { unknown, now } = seen;
  const isSame = isSameBirth(file.birth, sighting.stat.birth) && isIntact(file, sighting, seen, disk);
  if (isSame === false) return gone(file);
  unknown.delete(file.key);
  file.isSuspect = false;
  if (isSame === undefined) return undefined;
  const isFirst = !file.isProved;
  const hasChanged = file.size !== sighting.stat.size;
  const { birth, path } = file;
  file.missing = 0;
  file.isProved = true;
  file.observe(sighting.stat, now);
  if (file.state === 'copy' && (isFirst || hasChanged || hasLostOriginal(file, files))) unknown.set(file.key, sighting);
  return path !== sighting.path || birth !== file.birth ? renamed(file, sighting.path) : undefined;
}

/** What the copy has beyond what was read of its original is read from the copy then. */
function hasLostOriginal({ copyOf }: TrackedFile, files: readonly TrackedFile[]): boolean {
  return files.find(({ number }) => number === copyOf)?.state === 'gone';
}

/** Whether the bytes up to the position are still those that were read. Undefined: it cannot be looked at now. */
function isIntact(file: TrackedFile, { path, stat }: Sighting, { troubles }: Seen, disk: Disk): boolean | undefined {
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
    const opened = file.descriptor ?? disk.open(path);
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
