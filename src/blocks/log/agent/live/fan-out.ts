/** Hands what cannot be read again to every pipeline. It waits for those that want it to (policy `block`), and for no other. */
import type { Pipeline } from '../pipeline/pipeline.js';
import type { TakeChunk } from '../source.js';

export function takeForAll(pipelines: readonly Pipeline[], signal: AbortSignal): TakeChunk {
  const [only] = pipelines;
  if (only !== undefined && pipelines.length === 1) return (chunk) => only.take(chunk, signal);
  return async (chunk) => {
    await Promise.all(pipelines.map((pipeline) => pipeline.take(chunk, signal)));
  };
}
