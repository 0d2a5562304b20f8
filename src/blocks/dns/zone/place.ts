/**
 * Where a name falls within one zone (RFC 1034, section 4.3.2, step 3):
 *
 *     origin ──▶ … ──▶ closest encloser ──▶ name        from the top down, the first that applies
 *        │ DNAME │         │ NS: cut    │ exists: node
 *        │       │ NS: cut │ DNAME      │ does not: *.encloser is the node, or it is nowhere
 *
 * What lies below a cut or a DNAME is occluded: the walk ends before it gets there. The name itself is read first: when it
 * has records, so exist all names above it, and only they are read; when it has not, the closest encloser ends the walk.
 * So there is one read of a node for each existing name from the origin to the name, however many labels were asked for.
 */
import type { Name } from '../name.js';
import type { RRset } from '../record.js';
import { RRType } from '../wire/mnemonics.js';
import type { ZoneData } from './zone-data.js';

export type Place =
  /** The name exists, or a wildcard takes its place; no sets: an empty non-terminal. */
  | { readonly at: 'node'; readonly sets: readonly RRset[]; readonly wildcard?: Name }
  /** The name is the cut or below it, so that another zone knows. */
  | { readonly at: 'cut'; readonly servers: RRset; readonly sets: readonly RRset[] }
  /** The name is below the owner of the DNAME. */
  | { readonly at: 'dname'; readonly dname: RRset }
  | { readonly at: 'nowhere'; readonly encloser: Name };

export function placeOf(zone: ZoneData, name: Name): Place {
  const own = zone.node(name);
  const encloser = own.length > 0 ? name : zone.closestEncloser(name);
  const labels = name.labelCount;
  const originLabels = zone.origin.labelCount;
  for (let count = originLabels; count <= encloser.labelCount; count++) {
    const sets = count === labels ? own : zone.node(name.suffix(count));
    const servers = count > originLabels ? setOf(sets, RRType.NS) : undefined;
    if (servers !== undefined) return { at: 'cut', servers, sets };
    const dname = count < labels ? setOf(sets, RRType.DNAME) : undefined;
    if (dname !== undefined) return { at: 'dname', dname };
  }
  if (encloser.labelCount === labels) return { at: 'node', sets: own };
  return wildcardAt(zone, encloser);
}

/** RFC 4592, section 3.3.1. A wildcard that is an empty non-terminal matches, too, with no data. */
function wildcardAt(zone: ZoneData, encloser: Name): Place {
  const wildcard = encloser.wildcardChild();
  const sets = zone.node(wildcard);
  if (sets.length > 0 || zone.closestEncloser(wildcard).equals(wildcard)) return { at: 'node', sets, wildcard };
  return { at: 'nowhere', encloser };
}

export function setOf(sets: readonly RRset[], type: number): RRset | undefined {
  return sets.find((set) => set.type === type);
}
