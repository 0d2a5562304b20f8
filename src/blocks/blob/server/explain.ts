/** `ds blob explain`: a refused request from the daemon's file, and what is known of why. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Clock } from '../../../platform/clock.js';
import { whyUnreadable } from '../../../platform/errors.js';
import { openStore } from '../../../platform/store/store.js';
import { credentialsPath, parseCredentials } from '../endpoint/credentials.js';
import { blobErrors } from '../errors.js';
import { type Explanation, explainRefusal } from '../sigv4/explain.js';
import { blobFile } from '../store/schema.js';
import { findRefusal, type Refusal, WRITE_EVERY_MS } from './refusals.js';

export interface ExplainRequest {
  /** The daemon's SQLite file. */
  readonly path: string;
  readonly requestId: string;
  readonly home: string;
  /** As the daemon has it; `$DS_HOME/blob.credentials` unless named. */
  readonly credentialsFile: string | undefined;
  /** The client's canonical request or string to sign. */
  readonly theirs: string | undefined;
  readonly clock: Clock;
}

export interface ExplainedRequest {
  readonly refusal: Refusal;
  /** Absent where the request had no signature that could be read. */
  readonly explanation?: Explanation;
}

/** Errors: `blob.no_such_request`, `blob.bad_credentials_file`, those of the storage catalogue. */
export async function explainRequest(request: ExplainRequest): Promise<ExplainedRequest> {
  const { requestId, theirs } = request;
  const refusal = await lookUp(request);
  if (refusal === undefined) {
    throw blobErrors.error('blob.no_such_request', `no refused request ${JSON.stringify(requestId)} is on record`, {
      hint: 'the identifier is in x-amz-request-id of the answer; the last 1,000 refused requests are kept',
      details: { request_id: requestId },
    });
  }
  const { evidence } = refusal;
  if (evidence === undefined) return { refusal };
  const secret = await secretOf(request, evidence.accessKeyId);
  const options = { ...(theirs !== undefined && { theirs }), ...(secret !== undefined && { secret }) };
  return { refusal, explanation: explainRefusal(evidence, options) };
}

async function lookUp({ path, requestId, clock }: ExplainRequest): Promise<Refusal | undefined> {
  if (!existsSync(path)) return undefined;
  const store = openStore(blobFile, { path, closing: 'leave' });
  try {
    const found = findRefusal(store, requestId);
    if (found !== undefined) return found;
    // The daemon writes them together, a moment after the answer.
    await clock.sleep(2 * WRITE_EVERY_MS);
    return findRefusal(store, requestId);
  } finally {
    store.close();
  }
}

/** Undefined where the daemon has other credentials, or none. */
async function secretOf({ home, credentialsFile }: ExplainRequest, accessKeyId: string): Promise<string | undefined> {
  const path = credentialsFile ?? credentialsPath(home);
  if (credentialsFile === undefined && !existsSync(path)) return undefined;
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw blobErrors.error('blob.bad_credentials_file', `${path} cannot be used: ${whyUnreadable(error)}`, {
      details: { path },
    });
  });
  return parseCredentials(text, path).find((user) => user.accessKeyId === accessKeyId)?.secretAccessKey;
}
