/** Which names a name stands for, by the search list (resolv.conf(5)). */
import { DsError } from '../../../platform/errors.js';
import { Name } from '../name.js';

/**
 * In the order in which they are tried. A name that ends in a dot stands for itself; one with at least `ndots` dots is tried as
 * it is first, any other one last. Error: `dns.bad_name`.
 */
export function searchedNames(text: string, search: readonly string[], ndots: number): Name[] {
  const asItIs = Name.parse(text);
  if (text.endsWith('.') && !text.endsWith('\\.')) return [asItIs];
  const below = search.flatMap((domain) => nameBelow(text, domain));
  return asItIs.labelCount - 1 >= ndots ? [asItIs, ...below] : [...below, asItIs];
}

/** Nothing for a domain with which it would be too long. */
function nameBelow(text: string, domain: string): Name[] {
  try {
    return [Name.parse(text, Name.parse(domain))];
  } catch (error) {
    if (error instanceof DsError) return [];
    throw error;
  }
}
