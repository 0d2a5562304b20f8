/** Options behind the positional arguments: names, each with a value or without. */
import type { ByteString } from '../../bytes.js';
import { syntaxError } from '../../errors.js';

/** By upper-case names; a switch has the empty value. Error: syntax error, for a name that is not known or has no value. */
export function readOptions(
  args: readonly ByteString[],
  known: { readonly valued: readonly string[]; readonly switches?: readonly string[] },
): ReadonlyMap<string, ByteString> {
  const options = new Map<string, ByteString>();
  for (let at = 0; at < args.length; at++) {
    const name = (args[at] ?? '').toUpperCase();
    if (known.switches?.includes(name) === true) options.set(name, '');
    else if (known.valued.includes(name)) {
      const value = args[++at];
      if (value === undefined) throw syntaxError();
      options.set(name, value);
    } else throw syntaxError();
  }
  return options;
}
