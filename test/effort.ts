/**
 * How many times more than usual a random suite tries: 1 in `npm test`, 20 in `npm run test:long`.
 */
export const EFFORT = process.env.PERIGEE_LONG === "1" ? 20 : 1;
