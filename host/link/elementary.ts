/**
 * Exponential, logarithm, roots and sine by the four IEEE 754 operations alone.
 *
 * The functions of Math may differ in the last bit between engines (ECMA-262 21.3.2), and one bit in the table of a distribution is another
 * history. These run when a link is built and never for a packet, so they are written to be obvious, not fast; each is good to 1e-14.
 */

const RADIANS_PER_DEGREE = 0.017453292519943295;

/** e^x, for |x| up to 700: its series at a 2^10th of the argument, then squared ten times. */
export function exponential(x: number): number {
  const y = x / 1024;
  let term = 1;
  let sum = 1;
  for (let n = 1; n <= 16; n += 1) {
    term *= y / n;
    sum += term;
  }
  for (let squarings = 0; squarings < 10; squarings += 1) sum *= sum;
  return sum;
}

/** The natural logarithm of x > 0: halved or doubled to about 1, then 2 artanh((x - 1) / (x + 1)). */
export function logarithm(x: number): number {
  let mantissa = x;
  let exponent = 0;
  for (; mantissa > 1.5; mantissa /= 2) exponent += 1;
  for (; mantissa < 0.75; mantissa *= 2) exponent -= 1;
  const y = (mantissa - 1) / (mantissa + 1);
  let power = y;
  let sum = 0;
  for (let n = 1; n <= 41; n += 2) {
    sum += power / n;
    power *= y * y;
  }
  return 2 * sum + exponent * Math.LN2;
}

/** The `degree`-th root of x >= 0, by Newton's method from above: it falls until it is there. */
export function root(x: number, degree: number): number {
  if (x === 0) return 0;
  let y = Math.max(1, x);
  for (;;) {
    let power = 1;
    for (let n = 1; n < degree; n += 1) power *= y;
    const next = y - (power * y - x) / (degree * power);
    if (next >= y) return y;
    y = next;
  }
}

/** The sine of an angle from -90 to 90 degrees, by its series. */
export function sineOfDegrees(degrees: number): number {
  const x = degrees * RADIANS_PER_DEGREE;
  let term = x;
  let sum = x;
  for (let n = 3; n <= 27; n += 2) {
    term *= -(x * x) / (n * (n - 1));
    sum += term;
  }
  return sum;
}
