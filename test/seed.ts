/**
 * A failing random test prints its seed, and PERIGEE_SEED=N draws the same again, without an edit. Otherwise each run draws anew.
 */
if (process.env.PERIGEE_SEED !== undefined) {
  const seed = Number(process.env.PERIGEE_SEED);
  if (!Number.isInteger(seed)) throw new RangeError(`PERIGEE_SEED is an integer, not ${process.env.PERIGEE_SEED}`);
  const { configureGlobal, readConfigureGlobal } = await import("fast-check");
  configureGlobal({ ...readConfigureGlobal(), seed });
}

export {};
