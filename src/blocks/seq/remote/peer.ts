import { definePeer } from '../../../platform/protocol/resp-client/peer.js';
import { seqErrors } from '../errors.js';

export const seqPeer = definePeer({ block: 'seq', noun: 'a sequencer', port: 6390, errors: seqErrors.definitions });
