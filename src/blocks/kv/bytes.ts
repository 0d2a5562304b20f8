/**
 * Keys and values as texts of one character a byte (latin1). V8 keeps them as one byte a character, hashes them once as keys of a
 * Map, and Node reads and writes them without a conversion; as Buffers each would be an object of its own with 90 bytes beside what it holds.
 */
export type ByteString = string;

export const bytesOf = (text: ByteString): Buffer => Buffer.from(text, 'latin1');
export const byteStringOf = (bytes: Buffer): ByteString => bytes.toString('latin1');
export const byteStringOfText = (text: string): ByteString => Buffer.from(text, 'utf8').toString('latin1');
export const textOf = (bytes: ByteString): string => bytesOf(bytes).toString('utf8');
