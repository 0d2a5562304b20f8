import type { Word } from '../../../src/blocks/dns/rdata/index.js';

/** Splits one line of a master file (RFC 1035, section 5.1); a quoted part may follow `key=` (RFC 9460, appendix A). */
export function words(line: string): Word[] {
  return [...line.matchAll(/((?:\\.|[^\s"\\])*)"((?:\\.|[^"\\])*)"|(?:\\.|[^\s"\\])+/gs)].map(([all, head, quoted]) => {
    return quoted === undefined ? { text: all, quoted: false } : { text: `${head}${quoted}`, quoted: true };
  });
}
