/** TYPE of CLIENT LIST and CLIENT KILL. All connections here are of one type. */
import { error, type TaggedReply } from './reply.js';

export const isClientType = (type: string): boolean => /^(normal|master|replica|slave|pubsub)$/i.test(type);
export const isTypeHere = (type: string): boolean => /^normal$/i.test(type);
export const unknownClientType = (type: string): TaggedReply => error('ERR', `Unknown client type '${type}'`);
