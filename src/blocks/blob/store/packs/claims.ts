/** Whether packs are still their writer's, asked in the transaction whose rows refer to what was appended to them (writer.ts). */
import type { Store } from '../../../../platform/store/store.js';
import { blobErrors } from '../../errors.js';

/** Error: `blob.conflict` where another process has let go of one, and may have cut off what no row named. */
export function checkClaims(store: Store, writerId: number, packIds: Iterable<number>): void {
  const writerOf = store.statement<[number], { writer_id: number | null }>('SELECT writer_id FROM pack WHERE id = ?');
  for (const packId of packIds) if (writerOf.get(packId)?.writer_id !== writerId) throw lostClaim();
}

/** What the writer appended is in no row, and may be gone. */
export function lostClaim() {
  return blobErrors.error(
    'blob.conflict',
    'another process took this one for dead while it stood still, and has let go of what it had not stored yet',
    { hint: 'do it again' },
  );
}
