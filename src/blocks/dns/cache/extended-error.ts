/** Extended errors (RFC 8914) as upstreams send them: bounded, for whoever reads them later. */

import { type ExtendedError, extendedErrorOption } from '../edns-options.js';
import { readUint16 } from '../wire/octets.js';
import { type Edns, EdnsOptionCode, type Message } from '../wire.js';

/** Errors of one response that are passed on. */
const MOST_ERRORS = 3;
/** Octets of a text; a longer one is cut. */
const LONGEST_TEXT = 200;

export function extendedErrorsOf({ edns }: Pick<Message, 'edns'>): ExtendedError[] {
  if (edns === undefined) return [];
  return edns.options
    .filter(({ code, data }) => code === EdnsOptionCode.EXTENDED_ERROR && data.length >= 2)
    .slice(0, MOST_ERRORS)
    .map(({ data }) => ({ code: readUint16(data, 0), text: textOf(data.subarray(2)) }));
}

/** RFC 8914, section 2: UTF-8 that may end in NUL. A character that is cut in two is left out. */
function textOf(octets: Uint8Array): string {
  return Buffer.from(octets.subarray(0, LONGEST_TEXT))
    .toString('utf8')
    .replace(/[\0\ufffd]+$/, '');
}

/** An OPT that holds the errors and nothing else; undefined without errors. */
export function ednsWith(errors: readonly ExtendedError[]): Edns | undefined {
  if (errors.length === 0) return undefined;
  return { udpSize: 512, version: 0, dnssecOk: false, options: errors.map(extendedErrorOption) };
}
