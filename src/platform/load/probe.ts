/** The first connection of a run: a target that is not there at all is an error, not a load of failures. */
import type { DsError } from '../errors.js';
import { peerErrors } from '../protocol/errors.js';
import type { Place, SocketLink } from './socket-link.js';

/** The first place that accepts a connection. Errors: `peer.unreachable`, `peer.auth_required`; the signal's reason. */
export async function connectOnce(
  places: readonly Place[],
  makeLink: (place: Place) => SocketLink,
  shown: string,
  signal: AbortSignal,
): Promise<Place> {
  let failure: SocketLink['lastFailure'];
  for (const place of places) {
    signal.throwIfAborted();
    const link = makeLink(place);
    const onAbort = () => link.close();
    signal.addEventListener('abort', onAbort, { once: true });
    await link.open();
    signal.removeEventListener('abort', onAbort);
    const { isOpen } = link;
    failure ??= link.lastFailure;
    link.close();
    if (isOpen) return place;
  }
  signal.throwIfAborted();
  throw refusal(shown, failure);
}

function refusal(shown: string, failure: SocketLink['lastFailure']): DsError {
  const message = failure?.message ?? 'no address';
  if (/^(NOAUTH|WRONGPASS|NOPERM)\b/.test(message)) {
    return peerErrors.error('peer.auth_required', `${shown} refused access: ${message}`, {
      hint: 'give the password in the URL: redis://:PASSWORD@HOST:PORT',
      details: { address: shown },
    });
  }
  return peerErrors.error('peer.unreachable', `${shown} cannot be reached: ${message}`, {
    hint: 'is it running? see: ds ps',
    details: { address: shown },
  });
}
