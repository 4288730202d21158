/**
 * One bit a message, as far as messages have come: a record of a whole run that costs 128 bytes for a thousand of them.
 *
 * It grows by whole pieces, never by copying, so that memory follows the run and does not double under it.
 */
const PIECE_BITS = 8192;

export class Bitmap {
  /** Bits that are set. */
  count = 0;
  private readonly pieces: Uint8Array[] = [];

  /** Sets the bit at `index`, 0 or above. True when it was not set before. */
  add(index: number): boolean {
    const pieceIndex = Math.floor(index / PIECE_BITS);
    while (this.pieces.length <= pieceIndex) this.pieces.push(new Uint8Array(PIECE_BITS / 8));
    const piece = this.pieces[pieceIndex];
    const byteIndex = (index % PIECE_BITS) >> 3;
    const mask = 1 << (index & 7);
    if ((piece[byteIndex] & mask) !== 0) return false;
    piece[byteIndex] |= mask;
    this.count += 1;
    return true;
  }

  has(index: number): boolean {
    const piece = this.pieces[Math.floor(index / PIECE_BITS)];
    return piece !== undefined && (piece[(index % PIECE_BITS) >> 3] & (1 << (index & 7))) !== 0;
  }
}
