/** What others use of the cast. */
export { Actor } from "./actor.ts";
export { drawCast } from "./draw-cast.ts";
export { CAST_MARKS, type CastMark, marksOf } from "./marks.ts";
export { type Performance, type Play, perform } from "./play.ts";
export { type Rehearsed, rehearse } from "./rehearse.ts";
export type { Act, Role, Stream } from "./role.ts";
export type { Crash } from "./stored-server.ts";
