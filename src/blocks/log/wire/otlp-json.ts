/**
 * OTLP/HTTP logs in JSON (opentelemetry.io/docs/specs/otlp, «JSON Protobuf Encoding»): names in camel case, integers of 64 bits as text or
 * number, trace and span IDs as hexadecimal digits.
 */
import { emptyLabels } from '../labels.js';
import { badBody } from './bad-body.js';
import { type Decoded, Intake } from './intake.js';
import { isObject, type JsonObject, listOf, parseJson, property } from './json.js';
import { DEEPEST } from './limits.js';
import { type Attributes, emptyRecord, type OtlpRecord, OtlpRecords } from './otlp.js';

const DIGITS = /^-?\d{1,20}$/;
const HEX = /^[\da-f]{0,64}$/i;

/** `now`: nanoseconds. Errors: `log.bad_body`, `log.too_large`. */
export function decodeOtlpJson(body: Buffer, now: bigint): Decoded {
  const request = parseJson(body);
  if (!isObject(request)) throw badBody('the body is not an object with resourceLogs');
  const intake = new Intake();
  const records = new OtlpRecords(intake, now);
  for (const resourceLogs of objects(request, 'resourceLogs')) {
    records.resource(attributesOf(objectOf(resourceLogs, 'resource')));
    for (const scopeLogs of objects(resourceLogs, 'scopeLogs')) {
      const scope = objectOf(scopeLogs, 'scope');
      records.scope({
        name: textIn(scope, 'name'),
        version: textIn(scope, 'version'),
        attributes: attributesOf(scope),
      });
      const logRecords = objects(scopeLogs, 'logRecords');
      records.announce(logRecords.length);
      for (const record of logRecords) records.record(readRecord(record));
    }
  }
  return intake.finish();
}

function readRecord(json: JsonObject): OtlpRecord {
  return {
    ...emptyRecord(),
    timeUnixNano: bigIn(json, 'timeUnixNano'),
    observedTimeUnixNano: bigIn(json, 'observedTimeUnixNano'),
    severityNumber: Number(bigIn(json, 'severityNumber')),
    severityText: textIn(json, 'severityText'),
    body: anyValue(property(json, 'body'), 0),
    attributes: attributesOf(json),
    droppedAttributesCount: Number(bigIn(json, 'droppedAttributesCount')),
    flags: Number(bigIn(json, 'flags')),
    traceId: hexIn(json, 'traceId'),
    spanId: hexIn(json, 'spanId'),
    eventName: textIn(json, 'eventName'),
  };
}

function objects(parent: JsonObject, name: string): readonly JsonObject[] {
  const list = listOf(parent, name);
  if (!list.every(isObject)) throw badBody(`${name} has something that is no object`);
  return list;
}

function objectOf(parent: JsonObject, name: string): JsonObject {
  const value = property(parent, name) ?? {};
  if (!isObject(value)) throw badBody(`${name} is not an object`);
  return value;
}

function attributesOf(owner: JsonObject): Attributes {
  return objects(owner, 'attributes').map((pair) => [textIn(pair, 'key'), anyValue(property(pair, 'value'), 0)]);
}

function anyValue(value: unknown, depth: number): unknown {
  if (!isObject(value)) return undefined;
  if (depth > DEEPEST) throw badBody(`a value is nested more than ${DEEPEST} deep`);
  for (const name of Object.keys(value)) {
    const inner = value[name];
    switch (name) {
      case 'stringValue':
      case 'bytesValue':
      case 'boolValue':
      case 'doubleValue':
        return inner;
      case 'intValue':
        return bigIn(value, name);
      case 'arrayValue':
        return objects(objectOf(value, name), 'values').map((item) => plain(anyValue(item, depth + 1)));
      case 'kvlistValue': {
        const object: Record<string, unknown> = emptyLabels();
        for (const pair of objects(objectOf(value, name), 'values')) {
          object[textIn(pair, 'key')] = plain(anyValue(property(pair, 'value'), depth + 1));
        }
        return object;
      }
    }
  }
  return undefined;
}

/** Within lists and objects, which become JSON: a number where it is exact. */
export function plain(value: unknown): unknown {
  if (typeof value !== 'bigint') return value ?? null;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function textIn(object: JsonObject, name: string): string {
  const value = property(object, name) ?? '';
  if (typeof value !== 'string') throw badBody(`${name} is not a text`);
  return value;
}

function hexIn(object: JsonObject, name: string): string {
  const value = textIn(object, name);
  if (!HEX.test(value)) throw badBody(`${name} is not made of hexadecimal digits`);
  return value.toLowerCase();
}

function bigIn(object: JsonObject, name: string): bigint {
  const value = property(object, name) ?? 0;
  if (typeof value === 'string' && DIGITS.test(value)) return BigInt(value);
  // An enumeration may be given by its name; the number that JavaScript writes for 64 bits is near enough, and is what the sender had.
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  if (typeof value === 'string' && name === 'severityNumber') return 0n;
  throw badBody(`${name} is not a whole number`);
}
