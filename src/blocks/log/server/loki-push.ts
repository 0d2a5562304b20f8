/** POST /loki/api/v1/push: JSON, or protobuf packed by Snappy; 204 once all is on disk. */
import { ALL_OR_NOTHING } from '../wire/all-or-nothing.js';
import { badBody } from '../wire/bad-body.js';
import type { Decoded } from '../wire/intake.js';
import { decodeLokiJson } from '../wire/loki-json.js';
import { decodeLokiProtobuf } from '../wire/loki-protobuf.js';
import type { Call } from './call.js';
import type { Writer } from './writer.js';

export async function pushLoki(call: Call, writer: Writer): Promise<void> {
  const whole = call.request.headers[ALL_OR_NOTHING] === 'true';
  const { refusals, accepted } = await writer.write(call, 'loki', await decode(call), whole);
  // As Loki: what could be taken is stored, and the sender hears of the rest.
  if (refusals.total > 0) call.text(`${whole ? refusals.describeWhole() : refusals.describe(accepted)}\n`, 400);
  else call.empty(204);
}

async function decode(call: Call): Promise<Decoded> {
  const { contentType } = call;
  if (contentType === 'application/json') return decodeLokiJson(await call.body());
  if (contentType === 'application/x-protobuf') {
    // The packing is part of the protocol, whether the header says so or not.
    return decodeLokiProtobuf(await call.body('snappy'));
  }
  throw badBody(`the content type is ${contentType || 'none'}, neither application/json nor application/x-protobuf`);
}
