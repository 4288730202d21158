/**
 * How delays scatter, as tables of quantiles: a draw is one index into integers, and therefore the same on every machine.
 *
 * `normal`, `pareto` and `paretonormal` are netem's (iproute2 netem/pareto.c, paretonormal.c), in units of 1/8192 of the jitter: 4,096 quantiles,
 * and no tail beyond the last of them. `lognormal` is given by its median and its 95th percentile, as operators state delays, and is a table of
 * microseconds. The tables are computed when a link is built, by the operations of elementary.ts.
 */
import { exponential, logarithm, root } from "./elementary.ts";
import { NORMAL_SCALE, NORMAL_SIZE, normalTable } from "./normal-table.ts";

const SIZE = 1 << NORMAL_SIZE;
/** The 95th percentile of the standard normal distribution. */
const NORMAL_P95 = 1.6448536269514722;
/** NETEM_DIST entries are 16 bits. */
const LARGEST_ENTRY = 0x7fff;

/** The shape of netem's Pareto distribution, and its mean, which is taken off so that jitter has none. */
const [PARETO_SHAPE, PARETO_MEAN] = [3, 1.5];

let pareto: Int16Array | undefined;
let paretoNormal: Int16Array | undefined;

/** netem's `distribution pareto`, entry for entry what iproute2 installs as pareto.dist: entry i is ((1 - i/4096)^(-1/3) - 3/2) 4/3, ascending. */
export function paretoTable(): Int16Array {
  pareto ??= Int16Array.from({ length: SIZE }, (_, index) => {
    const quantile = 1 / root(1 - index / SIZE, PARETO_SHAPE) - PARETO_MEAN;
    return Math.min(LARGEST_ENTRY, Math.floor((quantile * 4 * NORMAL_SCALE) / 3 + 0.5));
  });
  return pareto;
}

/** netem's `distribution paretonormal`: a quarter of the normal quantile and three of the Pareto one. */
export function paretoNormalTable(): Int16Array {
  const [normal, heavy] = [normalTable(), paretoTable()];
  paretoNormal ??= Int16Array.from(normal, (quantile, index) => Math.trunc((quantile + 3 * heavy[index]) / 4));
  return paretoNormal;
}

/**
 * Quantiles of a lognormal delay in whole microseconds, ascending, none above `largestUs`. Its median and 95th percentile are above 0, the
 * second not below the first.
 */
export function lognormalTable(medianUs: number, p95Us: number, largestUs: number): Float64Array {
  const sigma = logarithm(p95Us / medianUs) / NORMAL_P95;
  return Float64Array.from(normalTable(), quantile =>
    Math.min(largestUs, Math.round(medianUs * exponential((sigma * quantile) / NORMAL_SCALE))),
  );
}
