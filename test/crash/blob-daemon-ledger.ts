/**
 * What clients of a daemon that is killed again and again know of their objects: which states are possible. A request that was sent
 * adds what it would make; its answer leaves only that.
 */
import { createHash } from 'node:crypto';
import { MIB, sample } from '../helpers/blob-samples.js';

/** No object. */
export const ABSENT = 'absent';

/** What a body is made of is in its name, `KIND/NUMBER`. */
export type BodyName = `${BodyKind}/${number}`;
export type BodyKind = 'small' | 'medium' | 'large' | 'parts';
export type State = BodyName | typeof ABSENT;

/** Blocks that many bodies have, so that chunks are found again. */
const shared = Array.from({ length: 4 }, (_, index) => sample(700_000, `shared ${index}`));

/** Of the parts of an upload; of others, of the one piece that there is. */
export function piecesOf(name: BodyName): readonly Buffer[] {
  const [kind, number] = name.split('/');
  const block = shared[Number(number) % shared.length] ?? Buffer.of();
  if (kind === 'small') return [sample(1_000, name)];
  if (kind === 'medium') return [sample(300_000, name)];
  if (kind === 'large') return [Buffer.concat([sample(200_000, name), block, sample(200_000, `${name} again`)])];
  const last = Buffer.concat([block, sample(100_000, `${name} again`)]);
  // All but the last one have 5 MiB: one in three uploads is to do.
  return Number(number) % 3 === 0 ? [sample(5 * MIB, name), last] : [last];
}

export const sha256 = (pieces: readonly Uint8Array[]) => {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
};

export interface OpenUpload {
  readonly id: string;
  readonly key: string;
  readonly body: BodyName;
  /** By number: ETags of those that were acknowledged. */
  readonly parts: Map<number, string>;
  /** What was asked for, and not answered. */
  ending: 'complete' | 'abort' | undefined;
}

export class Ledger {
  readonly objects = new Map<string, Set<State>>();
  readonly uploads = new Map<string, OpenUpload>();
  acknowledged = 0;
  #bodies = 0;

  newBody(kind: BodyKind): BodyName {
    return `${kind}/${this.#bodies++}`;
  }

  possible(key: string): ReadonlySet<State> {
    return this.objects.get(key) ?? new Set([ABSENT]);
  }

  sent(key: string, state: State): void {
    this.objects.set(key, new Set([...this.possible(key), state]));
  }

  /** Answered, or seen. */
  known(key: string, state: State): void {
    this.objects.set(key, new Set([state]));
    this.acknowledged++;
  }

  /** It was not, and will not be done. */
  impossible(key: string, state: State): void {
    this.objects.set(key, new Set([...this.possible(key)].filter((one) => one !== state)));
  }
}
