/**
 * Messages as JSON: RFC 8427, with flags as 0 and 1 as in its examples (and in what kdig prints). EDNS stands in an object of its
 * own, as draft-peltan-edns-presentation-format has it; ARCOUNT counts it. `RCODEname` is ours.
 */
import { hex, readClientSubnet, readExtendedError, readKeepalive } from '../edns-options.js';
import { printRdata } from '../rdata/index.js';
import type { ResourceRecord } from '../record.js';
import { className, type Edns, type EdnsOption, EdnsOptionCode, type Message, rcodeName, typeName } from '../wire.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** A message without what was measured. */
export function messageJson(message: Message): JsonObject {
  const [question] = message.questions;
  const { answers, authorities, additionals, edns } = message;
  return {
    ID: message.id,
    QR: Number(message.response),
    Opcode: message.opcode,
    AA: Number(message.authoritative),
    TC: Number(message.truncated),
    RD: Number(message.recursionDesired),
    RA: Number(message.recursionAvailable),
    AD: Number(message.authenticData),
    CD: Number(message.checkingDisabled),
    RCODE: message.rcode,
    RCODEname: rcodeName(message.rcode),
    QDCOUNT: message.questions.length,
    ANCOUNT: answers.length,
    NSCOUNT: authorities.length,
    ARCOUNT: additionals.length + (edns === undefined ? 0 : 1),
    ...(question === undefined
      ? {}
      : {
          QNAME: question.name.toString(),
          QTYPE: question.type,
          QTYPEname: typeName(question.type),
          QCLASS: question.class,
          QCLASSname: className(question.class),
        }),
    ...(answers.length === 0 ? {} : { answerRRs: answers.map(recordJson) }),
    ...(authorities.length === 0 ? {} : { authorityRRs: authorities.map(recordJson) }),
    ...(additionals.length === 0 ? {} : { additionalRRs: additionals.map(recordJson) }),
    ...(edns === undefined ? {} : { EDNS: ednsJson(edns, message.rcode) }),
  };
}

/** RFC 8427, sections 2.2 and 2.3. */
function recordJson({ name, type, class: rrClass, ttl, rdata }: ResourceRecord): JsonObject {
  const text = printRdata(type, rdata, rrClass);
  const isKnown = text !== '' && !text.startsWith('\\# ');
  return {
    NAME: name.toString(),
    TYPE: type,
    TYPEname: typeName(type),
    CLASS: rrClass,
    CLASSname: className(rrClass),
    TTL: ttl,
    ...(isKnown ? { [`rdata${typeName(type)}`]: text } : {}),
    RDLENGTH: rdata.length,
    RDATAHEX: hex(rdata).toUpperCase(),
  };
}

function ednsJson(edns: Edns, rcode: number): JsonObject {
  const errors = edns.options.filter(({ code }) => code === EdnsOptionCode.EXTENDED_ERROR);
  const others = edns.options.filter(({ code }) => code !== EdnsOptionCode.EXTENDED_ERROR);
  return {
    version: edns.version,
    flags: edns.dnssecOk ? ['DO'] : [],
    rcode: rcodeName(rcode),
    udpsize: edns.udpSize,
    ...Object.fromEntries(others.map(optionJson)),
    // One is an object, as in the draft; several are an array, so that none is lost.
    ...(errors.length === 0 ? {} : { EDE: errors.length === 1 ? errorJson(errors[0]) : errors.map(errorJson) }),
  };
}

const EXPIRE = 9;

function optionJson({ code, data }: EdnsOption): [string, unknown] {
  switch (code) {
    case EdnsOptionCode.NSID:
      return ['NSID', { HEX: hex(data), TEXT: printableText(data) }];
    case EdnsOptionCode.CLIENT_SUBNET:
      return ['ECS', subnetText(data)];
    case EXPIRE:
      return ['EXPIRE', data.length === 4 ? Buffer.from(data).readUInt32BE() : 'NONE'];
    case EdnsOptionCode.COOKIE:
      return ['COOKIE', [data.subarray(0, 8), data.subarray(8)].filter(({ length }) => length > 0).map(hex)];
    case EdnsOptionCode.TCP_KEEPALIVE:
      return ['KEEPALIVE', readKeepalive(data) ?? hex(data)];
    case EdnsOptionCode.PADDING:
      return ['PADDING', { LENGTH: data.length, ...(data.every((octet) => octet === 0) ? {} : { HEX: hex(data) }) }];
    default:
      return [`OPT${code}`, hex(data)];
  }
}

function errorJson(option: EdnsOption | undefined): JsonObject | string {
  const error = option === undefined ? undefined : readExtendedError(option.data);
  if (error === undefined) return hex(option?.data ?? new Uint8Array());
  return {
    CODE: error.code,
    ...(error.name === undefined ? {} : { Purpose: error.name }),
    ...(error.text === '' ? {} : { TEXT: error.text }),
  };
}

function subnetText(data: Uint8Array): string {
  const subnet = readClientSubnet(data);
  if (subnet === undefined || subnet.family > 2) return hex(data);
  const scope = subnet.scopePrefix === 0 ? '' : `/${subnet.scopePrefix}`;
  return `${subnet.address}/${subnet.sourcePrefix}${scope}`;
}

/** Empty unless all of it is printable ASCII. */
function printableText(data: Uint8Array): string {
  return data.every((octet) => octet >= 0x20 && octet < 0x7f) ? Buffer.from(data).toString('latin1') : '';
}
