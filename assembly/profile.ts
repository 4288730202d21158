/**
 * What a build has: constants that the compiler folds, so that what is 0 here leaves no byte behind.
 *
 * As they stand they are the full profile, perigee.wasm. For the others host/build.js gives the compiler other values.
 */

/** MQTT 5.0 beside 3.1.1. */
export const V5: i32 = 1;
