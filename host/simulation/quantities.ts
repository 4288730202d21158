/**
 * Counts, times and sizes as people read them, the same in a table, in a report and on any machine.
 */

/** 72000 as "72,000", whatever the language of the machine. */
export function group(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Milliseconds below ten seconds, then seconds, then minutes, to three figures or better. */
export function duration(ms: number): string {
  if (ms < 9999.5) return `${Math.round(ms)} ms`;
  if (ms < 99_950) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 5_999_500) return `${Math.round(ms / 1000)} s`;
  return `${(ms / 60_000).toFixed(0)} min`;
}

/** Bytes in the decimal units in which links are sold. */
export function bytes(count: number): string {
  if (count < 10_000) return `${count} B`;
  if (count < 1e6) return `${(count / 1e3).toFixed(0)} kB`;
  if (count < 10e6) return `${(count / 1e6).toFixed(2)} MB`;
  if (count < 1e9) return `${(count / 1e6).toFixed(1)} MB`;
  return `${(count / 1e9).toFixed(2)} GB`;
}

/** Joules, to three figures. */
export function joules(amount: number): string {
  const figures = (value: number) => String(Number(value.toPrecision(3)));
  if (amount === 0) return "0 J";
  if (amount < 1e-3) return `${figures(amount * 1e6)} µJ`;
  if (amount < 1) return `${figures(amount * 1e3)} mJ`;
  if (amount < 1e3) return `${figures(amount)} J`;
  return amount < 1e6 ? `${figures(amount / 1e3)} kJ` : `${figures(amount / 1e6)} MJ`;
}
