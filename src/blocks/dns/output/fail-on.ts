/** `--fail-on`: which answers are a «no» for whoever asks. */
import { closest } from '../../../platform/closest.js';
import { dnsErrors } from '../errors.js';
import { type Message, rcodeName } from '../wire.js';
import { outcomeOf } from './outcome.js';

/** Beside the names of rcodes: kinds of outcomes, and `any` for all but answers. */
const WORDS = ['nxdomain', 'nodata', 'servfail', 'refused', 'referral', 'failure', 'any'];

/** Names of the other rcodes that stand in answers to queries. */
const RCODES = ['formerr', 'notimp', 'yxdomain', 'notauth', 'badvers', 'badcookie'];

/** A list between commas; empty for none. Error: `dns.bad_word`. */
export function readFailOn(text: string): ReadonlySet<string> {
  const words = text
    .toLowerCase()
    .split(',')
    .filter((word) => word !== '');
  for (const word of words) {
    if (WORDS.includes(word) || RCODES.includes(word)) continue;
    const nearest = closest(word, [...WORDS, ...RCODES]);
    throw dnsErrors.error('dns.bad_word', `--fail-on "${word.slice(0, 40)}" is no kind of answer`, {
      hint: nearest === undefined ? `of ${WORDS.join(', ')}` : `did you mean ${nearest}?`,
    });
  }
  return new Set(words);
}

export function isMet(failOn: ReadonlySet<string>, response: Message): boolean {
  if (failOn.size === 0) return false;
  const { kind } = outcomeOf(response);
  return (
    failOn.has(kind) || (kind !== 'answer' && failOn.has('any')) || failOn.has(rcodeName(response.rcode).toLowerCase())
  );
}
