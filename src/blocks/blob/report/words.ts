/** Counts and sizes in sentences. */
import { formatSize } from '../../../platform/units.js';
import type { DeleteResult } from '../blob-store.js';
import type { ObjectPlace } from '../object-types.js';

/** `1 object`, `12,408 objects` */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? noun : plural}`;
}

/** `3 objects, 1.5 MiB` */
export function sayObjects(objects: number, bytes: number): string {
  return `${count(objects, 'object')}, ${formatSize(bytes)}`;
}

/** `marked` where only a delete marker was made, `absent` where there was nothing. */
export function sayDeleted({ place, result }: { readonly place: ObjectPlace; readonly result: DeleteResult }): string {
  if (result.deleteMarker && place.versionId === undefined) return 'marked';
  return result.existed === false ? 'absent' : 'deleted';
}

/** Of a transfer that an earlier attempt had begun. @param there bytes that it had moved */
export function sayResumed(name: string, there: number, size: number): string {
  return `${name} went on where it was broken off: ${formatSize(there)} of ${formatSize(size)} were there`;
}
