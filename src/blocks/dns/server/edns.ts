/** EDNS on the server's side (RFC 6891): what of a query's OPT is honoured, and what goes back. */
import { type ExtendedError, extendedErrorOption, paddingOption } from '../edns-options.js';
import { type Edns, type EdnsOption, EdnsOptionCode, LONGEST_MESSAGE, type Message, SAFE_UDP_SIZE } from '../wire.js';
import type { Client } from './client.js';

const LEAST_UDP = 512;
/** RFC 8467, section 4.1: responses are padded to a multiple of this. */
const PADDING_BLOCK = 468;
/** Octets of an extended error's text, which is for people; a longer one is cut. */
const LONGEST_TEXT = 240;

/** Octets that the response may have. */
export function responseLimit(query: Pick<Message, 'edns'>, { transport }: Client): number {
  if (transport !== 'udp') return LONGEST_MESSAGE;
  return Math.min(SAFE_UDP_SIZE, Math.max(LEAST_UDP, query.edns?.udpSize ?? LEAST_UDP));
}

/** The OPT of the response; undefined where the query had none (RFC 6891, section 7). */
export function responseEdns(
  query: Message,
  nsid: Buffer | undefined,
  errors: readonly ExtendedError[],
): Edns | undefined {
  if (query.edns === undefined) return undefined;
  const wantsNsid = query.edns.options.some(({ code }) => code === EdnsOptionCode.NSID);
  const options: EdnsOption[] = wantsNsid && nsid !== undefined ? [{ code: EdnsOptionCode.NSID, data: nsid }] : [];
  options.push(...errors.map(({ code, text }) => extendedErrorOption({ code, text: shortened(text) })));
  return { udpSize: SAFE_UDP_SIZE, version: 0, dnssecOk: query.edns.dnssecOk, options };
}

/** Whether the response is to be padded: the query was, on a transport that hides its content (RFC 7830, section 4). */
export function wantsPadding(query: Message, { transport }: Client): boolean {
  const hides = transport === 'tls' || transport === 'https';
  return hides && (query.edns?.options.some(({ code }) => code === EdnsOptionCode.PADDING) ?? false);
}

/** The padding of a response of so many octets. */
export const padding = (octets: number): EdnsOption => paddingOption(octets, PADDING_BLOCK);

/** No character is cut in two: the text has to be UTF-8 (RFC 8914, section 2). */
function shortened(text: string): string {
  const octets = Buffer.from(text);
  if (octets.length <= LONGEST_TEXT) return text;
  let end = LONGEST_TEXT;
  while ((octets[end] ?? 0) >> 6 === 0b10) end--;
  return octets.toString('utf8', 0, end);
}
