/** An object that was copied or moved, as a line. */
import { formatSize } from '../../../platform/units.js';
import type { Copied } from '../bulk.js';
import { sayPlace } from '../typed/place.js';
import { placeJson, putJson } from './json.js';

interface CopiedLine {
  readonly json: object;
  /** New place, bytes, ETag, version, old place: between tabs. */
  readonly cells: readonly (string | number | undefined)[];
  readonly destination: string;
  /** What a terminal says after it. */
  readonly aside: string;
}

/** @param relation what the old place is to the new one: `from`, `was` */
export function copiedLine({ source, destination, result }: Copied, relation: 'from' | 'was'): CopiedLine {
  const [to, of] = [sayPlace(destination), sayPlace(source)];
  return {
    json: { source: placeJson(source), ...putJson(destination, result) },
    cells: [to, result.size, result.etag, result.versionId, of],
    destination: to,
    aside: `${relation} ${of}, ${formatSize(result.size)}`,
  };
}
