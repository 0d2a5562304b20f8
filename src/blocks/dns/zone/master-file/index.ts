/** Master files: the text form of zones (RFC 1035, section 5), read and written. */
export { type MasterFileOptions, parseMasterFile, type ZoneFileRecord } from './parser.js';
export { printMasterFile } from './printer.js';
