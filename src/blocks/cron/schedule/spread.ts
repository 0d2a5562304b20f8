/**
 * Where `H` and `~` fall: a number that follows from the job's name and the field alone. The same job is due at the same time
 * on every machine and after every restart, and different jobs are spread.
 */

/** A number from 0 to below `size`; FNV-1a of the text, then MurmurHash3's last steps, as the low bits of FNV alone are poor. */
export function spread(text: string, size: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % size;
}
