/** Waiting for a stream of tar-stream: it says «drain», or it was destroyed and says no more than «close». */
interface Drainable {
  readonly destroyed: boolean;
  on(event: 'drain' | 'close', listener: () => void): unknown;
  off(event: 'drain' | 'close', listener: () => void): unknown;
}

export async function drained(stream: Drainable): Promise<void> {
  if (stream.destroyed) return;
  await new Promise<void>((resolve) => {
    const end = () => {
      stream.off('drain', end);
      stream.off('close', end);
      resolve();
    };
    stream.on('drain', end);
    stream.on('close', end);
  });
}
