import type { DsError } from '../../../platform/errors.js';
import { logErrors } from '../errors.js';

export function badTransform(message: string, hint?: string): DsError {
  return logErrors.error('log.bad_transform', message, hint === undefined ? {} : { hint });
}
