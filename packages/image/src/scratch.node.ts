import type { Lease } from './decode-turbo.node.js';

/** Most bytes that are kept for the next image, in all. */
const mostKept = 64 * 1024 * 1024;

const kept: Buffer[] = [];

/**
 * Memory for pixels that are thrown away right after use. Fresh memory of a photo's size is cleared by the system page by
 * page as it is written to, which takes a fifth of the time that decoding does; so it is kept and used again.
 */
export function leasePixels(): { readonly take: Lease; giveBack(): void } {
  const taken: Buffer[] = [];
  return {
    take(size) {
      const fitting = kept.findIndex((buffer) => buffer.length >= size);
      const buffer = fitting === -1 ? Buffer.allocUnsafeSlow(size) : kept.splice(fitting, 1)[0]!;
      taken.push(buffer);
      return buffer;
    },
    giveBack() {
      for (const buffer of taken.splice(0)) {
        kept.push(buffer);
        kept.sort((a, b) => a.length - b.length);
        // The largest goes first: one huge photo must not hold its memory for good.
        while (kept.reduce((sum, { length }) => sum + length, 0) > mostKept) kept.pop();
      }
    },
  };
}
