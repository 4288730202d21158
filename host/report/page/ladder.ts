/**
 * Where the rungs of a sequence diagram stand: time runs down, but not evenly, for a round trip of half a second and an outage of ten minutes must
 * both be read. What happens at once stands close together, and a long silence is a break with its length beside it.
 */

/** A moment that something happens at, and the lines of text beside it. */
export interface Moment {
  readonly us: number;
  readonly lineCount: number;
}

/** A silence that is drawn shorter than it was. */
export interface Break {
  readonly y: number;
  readonly lengthUs: number;
}

export interface Ladder {
  readonly yOf: (us: number) => number;
  readonly breaks: readonly Break[];
  readonly height: number;
}

const TOP = 46;
/** Between two lines of text, and what the first has above it. */
export const LINE_HEIGHT = 16;
const FIRST_LINE_HEIGHT = 21;
const LEAST_GAP = 5;
const BREAK_HEIGHT = 40;

/** `moments` in any order. A silence of more than a fifth of the whole, or of two seconds, is a break. */
export function ladderOf(moments: readonly Moment[]): Ladder {
  const sorted = [...moments].sort((a, b) => a.us - b.us);
  const times = [...new Set(sorted.map(({ us }) => us))];
  const linesAt = (us: number) => Math.max(0, ...sorted.filter(each => each.us === us).map(each => each.lineCount));
  const gaps = times.slice(1).map((us, index) => us - times[index]);
  const usual = median(gaps.filter(gap => gap > 1000)) || 1;
  const ys: number[] = [TOP];
  const breaks: Break[] = [];
  for (const [index, gap] of gaps.entries()) {
    const y = ys[index];
    const below = LINE_HEIGHT * Math.max(0, linesAt(times[index]) - 1);
    const least = below + (linesAt(times[index + 1]) > 0 ? FIRST_LINE_HEIGHT : LEAST_GAP);
    const isBreak = gap >= 2e6 && gap > 4 * usual;
    const height = isBreak ? below + BREAK_HEIGHT : Math.max(least, Math.min(34, (16 * gap) / usual));
    if (isBreak) breaks.push({ y: y + (height + below) / 2, lengthUs: gap });
    ys.push(y + height);
  }
  const yOf = (us: number) => {
    const after = times.findIndex(each => each >= us);
    if (after === -1) return ys.at(-1) ?? TOP;
    if (after === 0 || times[after] === us) return ys[after];
    const share = (us - times[after - 1]) / (times[after] - times[after - 1]);
    return ys[after - 1] + share * (ys[after] - ys[after - 1]);
  };
  return { yOf, breaks, height: (ys.at(-1) ?? TOP) + 24 + LINE_HEIGHT * Math.max(0, linesAt(times.at(-1) ?? 0) - 1) };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
