/** Numbers of charts, as short as an axis needs them. */

/** Milliseconds: "300 ms", "1.5 s", "40 min", "3 h". */
export function shortTime(ms: number): string {
  if (ms === 0) return "0";
  if (ms < 1) return `${trimmed(ms * 1000)} µs`;
  if (ms < 1000) return `${trimmed(ms)} ms`;
  if (ms < 2_000_000) return `${trimmed(ms / 1000)} s`;
  if (ms < 7_200_000) return `${trimmed(ms / 60_000)} min`;
  return `${trimmed(ms / 3_600_000)} h`;
}

/** Three figures, without zeros behind the point. */
function trimmed(value: number): string {
  return value >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

/** A moment of the run: "06:30" (hours and minutes), with days before it, or with seconds behind it where the run is short. */
export function clock(seconds: number, runS: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const days = Math.floor(seconds / 86_400);
  const hours = `${two((seconds % 86_400) / 3600)}:${two((seconds % 3600) / 60)}`;
  const text = runS < 7200 ? `${hours}:${two(seconds % 60)}` : hours;
  return runS > 86_400 ? `${days}d ${text}` : text;
}

/** The distance of marks on an axis of time, seconds: at most ten, at round times. */
export function clockStep(runS: number): number {
  const steps = [1, 2, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];
  return steps.find(step => runS / step <= 9) ?? Math.ceil(runS / 9 / 86_400) * 86_400;
}

/** 0.99873 as "99.873 %". */
export function percent(share: number, digits = 3): string {
  return `${Number((100 * share).toFixed(digits))} %`;
}

/** Bytes in decimal units, as short as an axis needs them. */
export function shortBytes(count: number): string {
  if (count < 1000) return `${trimmed(count)} B`;
  if (count < 1e6) return `${trimmed(count / 1e3)} kB`;
  return count < 1e9 ? `${trimmed(count / 1e6)} MB` : `${trimmed(count / 1e9)} GB`;
}
