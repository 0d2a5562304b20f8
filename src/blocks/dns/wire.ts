/** The wire format (RFC 1035, section 4), both ways. */
export * from './wire/message.js';
export * from './wire/mnemonics.js';
export { readMessage, readName } from './wire/read.js';
export { writeMessage } from './wire/write.js';
