/**
 * What dead processes have left: their packs are sealed, their holds let go of. The row of the writer goes first; packs and holds without a
 * writer are then those of the dead, whichever gc found them.
 */
import { releaseAllHolds } from '../chunk-references.js';
import { findDeadWriters } from '../packs/writer.js';
import type { GcParts } from './parts.js';

export async function buryDeadWriters({ store, write, reserve, clock, counts, pause }: GcParts): Promise<void> {
  const dead = await findDeadWriters(store, clock);
  write(
    () => {
      const remove = store.statement<[number]>('DELETE FROM writer WHERE id = ?');
      for (const id of dead) counts.deadWriters += remove.run(id).changes;
      store
        .statement<[]>(
          `UPDATE pack SET sealed = 1, writer_id = NULL
           WHERE writer_id IS NOT NULL AND writer_id NOT IN (SELECT id FROM writer)`,
        )
        .run();
    },
    { sync: 'normal' },
  );
  const orphan = store.statement<[], { writer_id: number; upload: string }>(
    'SELECT writer_id, upload FROM hold WHERE writer_id NOT IN (SELECT id FROM writer) LIMIT 1',
  );
  for (let hold = store.read(() => orphan.get()); hold !== undefined; hold = store.read(() => orphan.get())) {
    const { writer_id, upload } = hold;
    reserve.free(() => releaseAllHolds(store, writer_id, upload));
    await pause();
  }
}
