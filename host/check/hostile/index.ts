/** What others use of the hostile peers. */
export { type AttackSettings, attack, HostileError } from "./attack.ts";
export { HostileConnection, honestBroker, type Plan, POINTS, type Point, plans } from "./hostile-broker.ts";
export { type ListenSettings, listenHostile } from "./listen.ts";
export { type Verdict, verdictLine } from "./verdict.ts";
export { FROM_BROKER, FROM_CLIENT, type Level, type WrongPacket } from "./wrong-packets.ts";
