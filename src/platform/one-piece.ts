/** Bytes that are there already, for what takes them piece by piece. Of none there is no piece. */
export async function* onePiece<Bytes extends Uint8Array>(bytes: Bytes): AsyncGenerator<Bytes, void, void> {
  if (bytes.length > 0) yield bytes;
}
