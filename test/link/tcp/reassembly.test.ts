import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Headers } from "../../../host/link/headers.ts";
import { Reassembly } from "../../../host/link/tcp/reassembly.ts";
import { SegmentPool } from "../../../host/link/tcp/segment.ts";

describe("reassembly", () => {
  it("agrees with a set of bytes, whatever comes in whatever order, and reports only what it has", () => {
    const piece = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 12 }));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), pieces => {
        const reassembly = new Reassembly();
        const have = new Set<number>();
        for (const [start, size] of pieces) {
          const before = reassembly.next;
          for (let at = start; at < start + size; at += 1) have.add(at);
          if (start + size > before) {
            const moved = reassembly.take(start, start + size);
            expect(moved).toBe(reassembly.next - before);
          }
          let next = 1;
          while (have.has(next)) next += 1;
          expect(reassembly.next).toBe(next);
          expect(reassembly.gapped).toBe([...have].some(at => at > next));
          const segment = new SegmentPool(new Headers()).take();
          reassembly.report(segment);
          for (let block = segment.duplicateReported ? 1 : 0; block < segment.blockCount; block += 1) {
            const [from, to] = [segment.blocks[2 * block], segment.blocks[2 * block + 1]];
            expect(from).toBeGreaterThan(next);
            for (let at = from; at < to; at += 1) expect(have.has(at)).toBe(true);
            expect(have.has(from - 1) || have.has(to)).toBe(false);
          }
          expect(segment.blockCount > 0 || !reassembly.gapped).toBe(true);
        }
      }),
      { seed: 20_261_122 },
    );
  });

  it("reports a duplicate first, and once (RFC 2883)", () => {
    const reassembly = new Reassembly();
    reassembly.take(1, 10);
    reassembly.noteDuplicate(1, 10);
    const segment = new SegmentPool(new Headers()).take();
    reassembly.report(segment);
    expect([segment.duplicateReported, segment.blockCount, segment.blocks[0], segment.blocks[1]]).toEqual([
      true,
      1,
      1,
      10,
    ]);
    const next = new SegmentPool(new Headers()).take();
    reassembly.report(next);
    expect([next.duplicateReported, next.blockCount]).toEqual([false, 0]);
  });
});
