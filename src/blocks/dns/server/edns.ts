/** EDNS on the server's side (RFC 6891): what of a query's OPT is honoured, and what goes back. */
import { type Edns, type EdnsOption, EdnsOptionCode, type Message } from '../wire.js';
import type { Client } from './client.js';

/** An extended error (RFC 8914): a code of its registry and a text for people. */
export interface ExtendedError {
  readonly code: number;
  readonly text: string;
}

export const ExtendedErrorCode = {
  OTHER: 0,
  STALE_ANSWER: 3,
  NOT_READY: 14,
  BLOCKED: 15,
  PROHIBITED: 18,
  NOT_AUTHORITATIVE: 20,
  NOT_SUPPORTED: 21,
  NETWORK_ERROR: 23,
  INVALID_DATA: 24,
} as const;

/** Octets that a response by UDP has at most: what passes everywhere unfragmented (DNS flag day 2020). */
const LARGEST_UDP = 1_232;
const LEAST_UDP = 512;
/** RFC 8467, section 4.1: responses are padded to a multiple of this. */
const PADDING_BLOCK = 468;
/** An extended error's text is for people; a longer one is cut. */
const LONGEST_TEXT = 240;

/** Octets that the response may have. */
export function responseLimit(query: Pick<Message, 'edns'>, { transport }: Client): number {
  if (transport !== 'udp') return 65_535;
  return Math.min(LARGEST_UDP, Math.max(LEAST_UDP, query.edns?.udpSize ?? LEAST_UDP));
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
  for (const { code, text } of errors) {
    const cut = Buffer.from(text).subarray(0, LONGEST_TEXT);
    const data = Buffer.concat([Buffer.of(code >> 8, code & 0xff), cut]);
    options.push({ code: EdnsOptionCode.EXTENDED_ERROR, data });
  }
  return { udpSize: LARGEST_UDP, version: 0, dnssecOk: query.edns.dnssecOk, options };
}

/** Whether the response is to be padded: the query was, on a transport that hides its content (RFC 7830, section 4). */
export function wantsPadding(query: Message, { transport }: Client): boolean {
  const hides = transport === 'tls' || transport === 'https';
  return hides && (query.edns?.options.some(({ code }) => code === EdnsOptionCode.PADDING) ?? false);
}

/** The padding that makes a response of so many octets a whole number of blocks. */
export function padding(octets: number): EdnsOption {
  const withHeader = octets + 4;
  return {
    code: EdnsOptionCode.PADDING,
    data: new Uint8Array((PADDING_BLOCK - (withHeader % PADDING_BLOCK)) % PADDING_BLOCK),
  };
}
