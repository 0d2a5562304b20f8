/** The message that asks a question, with EDNS as it is wanted. */
import type { IpNetwork } from '../../../platform/ip-address.js';
import { clientSubnetOption, paddingOption } from '../edns-options.js';
import type { Question, ResourceRecord } from '../record.js';
import {
  type Edns,
  type EdnsOption,
  EdnsOptionCode,
  type Message,
  makeMessage,
  SAFE_UDP_SIZE,
  writeMessage,
} from '../wire.js';

/** RFC 8467, section 4.1: what hides on the way is padded to a multiple of this, octets. */
export const PADDING_BLOCK = 128;
/** RFC 7873, section 4.1. */
export const CLIENT_COOKIE_OCTETS = 8;

interface EdnsWishes {
  readonly version?: number;
  readonly udpSize?: number;
  readonly dnssecOk?: boolean;
  readonly nsid?: boolean;
  readonly subnet?: IpNetwork;
  /** Ours, and the server's behind it where one is known (RFC 7873). */
  readonly cookie?: Uint8Array;
  /** Asks how long the server keeps a connection (RFC 7828). */
  readonly keepalive?: boolean;
  /** Asks a secondary when its zone expires (RFC 7314). */
  readonly expire?: boolean;
  /** Pads to a multiple of so many octets. */
  readonly padding?: number;
  /** As they are. */
  readonly more?: readonly EdnsOption[];
}

export interface QueryWishes {
  readonly question: Question | undefined;
  readonly opcode?: number;
  readonly recursionDesired?: boolean;
  readonly authenticData?: boolean;
  readonly checkingDisabled?: boolean;
  readonly authoritative?: boolean;
  readonly recursionAvailable?: boolean;
  readonly truncated?: boolean;
  readonly zero?: boolean;
  /** IXFR: the SOA record that one has (RFC 1995, section 3). */
  readonly authorities?: readonly ResourceRecord[];
  /** Without, the query has no EDNS. */
  readonly edns?: EdnsWishes;
}

/** Its id is 0: each sending takes one of its own. */
export function makeQuery({ question, edns, ...header }: QueryWishes): Message {
  const query = makeMessage({ ...header, questions: question === undefined ? [] : [question] });
  if (edns === undefined) return query;
  const asked = { ...query, edns: makeEdns(edns) };
  if (edns.padding === undefined || edns.padding === 0) return asked;
  const padding = paddingOption(writeMessage(asked).length, edns.padding);
  return { ...asked, edns: { ...asked.edns, options: [...asked.edns.options, padding] } };
}

function makeEdns(wishes: EdnsWishes): Edns {
  const options: EdnsOption[] = [];
  const add = (code: number, data = new Uint8Array()) => options.push({ code, data });
  if (wishes.nsid === true) add(EdnsOptionCode.NSID);
  if (wishes.subnet !== undefined) options.push(clientSubnetOption(wishes.subnet));
  if (wishes.cookie !== undefined) options.push({ code: EdnsOptionCode.COOKIE, data: wishes.cookie });
  if (wishes.expire === true) add(EXPIRE);
  if (wishes.keepalive === true) add(EdnsOptionCode.TCP_KEEPALIVE);
  options.push(...(wishes.more ?? []));
  return {
    version: wishes.version ?? 0,
    udpSize: wishes.udpSize ?? SAFE_UDP_SIZE,
    dnssecOk: wishes.dnssecOk ?? false,
    options,
  };
}

const EXPIRE = 9;
