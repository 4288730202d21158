/**
 * How many times more than usual a random suite tries: 1 in `npm test`, 5 in `npm run test:long`.
 */
export const EFFORT = process.env.PERIGEE_LONG === "1" ? 5 : 1;
