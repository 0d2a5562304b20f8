/** What a value seems to be, in the words of Loki's detected fields. */
import { parseBytes, parseDuration, parseFloatText } from './syntax/units.js';

export type FieldType = 'int' | 'float' | 'boolean' | 'duration' | 'bytes' | 'string';

const INTEGER = /^[+-]?\d{1,18}$/;
/** As Go's ParseBool reads it; 0 and 1 are numbers here. */
const BOOLEAN = /^(?:t|T|f|F|true|True|TRUE|false|False|FALSE)$/;

export function typeOfValue(value: string): FieldType {
  if (INTEGER.test(value)) return 'int';
  if (parseFloatText(value) !== undefined) return 'float';
  if (BOOLEAN.test(value)) return 'boolean';
  if (parseDuration(value) !== undefined) return 'duration';
  return parseBytes(value) === undefined ? 'string' : 'bytes';
}
