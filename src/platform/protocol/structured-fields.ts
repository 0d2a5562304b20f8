/**
 * Structured field values for HTTP (RFC 9651). The one door to the library that reads and writes them, which is held to
 * the working group's own cases by test/conformance/structured-fields.test.ts. What cannot be read or written throws.
 */
export {
  type BareItem,
  type Item,
  type Parameters,
  parseDictionary,
  parseItem,
  parseList,
  serializeDictionary,
  serializeItem,
  serializeList,
  Token,
} from 'structured-headers';
