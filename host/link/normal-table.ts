/**
 * The normal distribution as a table of quantiles, as netem keeps it: entry i is the quantile of (i + 1/2) / 4096, in units of 1/8192 of a
 * standard deviation. A draw is then one index, and the same on every machine.
 *
 * The table is computed when it is first asked for, with the four IEEE operations and no library function, and its checksum is
 * held by a test.
 */

/** The table holds 2^12 quantiles. */
export const NORMAL_SIZE = 12;
/** One standard deviation in the table. */
export const NORMAL_SCALE = 8192;

const INVERSE_SQRT_TWO_PI = 0.3989422804014327;
let table: Int16Array | undefined;

/** The quantiles, ascending and symmetric. */
export function normalTable(): Int16Array {
  table ??= buildTable();
  return table;
}

function buildTable(): Int16Array {
  const size = 1 << NORMAL_SIZE;
  const quantiles = new Int16Array(size);
  let x = 0;
  for (let step = 0; step < size / 2; step += 1) {
    const probability = 0.5 + (step + 0.5) / size;
    // Newton's method; the previous quantile is so near that three steps are exact to the last bit that is kept.
    for (let turn = 0; turn < 3; turn += 1) x -= (cumulative(x) - probability) / density(x);
    const rounded = Math.floor(x * NORMAL_SCALE + 0.5);
    quantiles[size / 2 + step] = rounded;
    quantiles[size / 2 - 1 - step] = -rounded;
  }
  return quantiles;
}

/** The density at x: the exponential by its series at a 32nd of the argument, then squared five times. */
function density(x: number): number {
  const y = -(x * x) / 2 / 32;
  let term = 1;
  let sum = 1;
  for (let n = 1; n <= 20; n += 1) {
    term *= y / n;
    sum += term;
  }
  for (let squarings = 0; squarings < 5; squarings += 1) sum *= sum;
  return INVERSE_SQRT_TWO_PI * sum;
}

/** The distribution function at x >= 0, by its series x + x^3/3 + x^5/15 + ... (Abramowitz and Stegun 26.2.11). */
function cumulative(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 3; n <= 121; n += 2) {
    term *= (x * x) / n;
    sum += term;
  }
  return 0.5 + density(x) * sum;
}
