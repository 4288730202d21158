// Bugs that clients have had, put into the core one at a time: the explorer finds each, by the shortest way, and the way leads nowhere
// in the core as it is.
import { describe, expect, it } from "vitest";
import { INBOUND_IDS, TAIL } from "../../../assembly/layout.ts";
import { CORE_SIZE, explore, replay, SCENARIOS, type Settings } from "../../../host/check/explore/index.ts";
import { loadWasm } from "../../../host/core/load.ts";
import { type Mutation, mutantCore } from "./mutant.ts";

/** Where a new connection begins, in session/connection.ts. */
const NEW_CONNECTION = "i32.store(client + CURSOR, headAt(client));";

const BUGS: readonly (Mutation & { bug: string; scenario: string; without?: RegExp; finding: RegExp })[] = [
  {
    bug: "hangs on one malformed acknowledgement",
    scenario: "hostile broker",
    file: "session/inbound.ts",
    from: /fail\(client, event\);\s*event = NONE;/,
    to: "return NONE;",
    finding: /wedged/,
  },
  {
    bug: "loses its window across a reconnect",
    scenario: "narrow window",
    file: "session/connection.ts",
    from: "VIEW - VOLATILE",
    to: "VIEW - VOLATILE - 4",
    finding: /wedged/,
  },
  {
    bug: "sends again without DUP",
    scenario: "publishing",
    file: "session/outbox.ts",
    from: "first | DUP",
    to: "first",
    finding: /without DUP/,
  },
  {
    bug: "forgets the identifiers of QoS 2 at a reconnect",
    scenario: "receiving",
    file: "session/connection.ts",
    from: NEW_CONNECTION,
    to: `${NEW_CONNECTION} memory.fill(client + ${INBOUND_IDS}, 0, 4);`,
    finding: /QoS 2 delivered twice/,
  },
  {
    bug: "sends again out of order",
    scenario: "publishing",
    file: "session/connection.ts",
    from: NEW_CONNECTION,
    to: `${NEW_CONNECTION}
      const a = headAt(client);
      const isPair = i32.load8_u(a) === i32.load8_u(a + 8) && i32.load8_u(a) >> 4 === 3 && i32.load8_u(a + 1) === 6;
      if (a + 16 <= client + i32.load(client + ${TAIL}) && isPair) {
        const first = i32.load(a);
        const second = i32.load(a + 4);
        memory.copy(a, a + 8, 8);
        i32.store(a + 8, first);
        i32.store(a + 12, second);
      }`,
    finding: /out of order/,
  },
  {
    bug: "acknowledges before it has stored",
    scenario: "power cuts",
    without: /publish|drop|send-1/,
    file: "session/outbound.ts",
    from: /(UNSTORED\)[^\n]*) return 0;/,
    to: "$1 if (i32.load8_u(client + CONTROL_SIZE) === 0) return 0;",
    finding: /before it was stored/,
  },
  {
    bug: "takes an identifier that is in use",
    scenario: "narrow window",
    file: "session/outbox.ts",
    from: /findEntry\(client, next\) === 0 \? next : FULL/,
    to: "next",
    finding: /in use/,
  },
  {
    bug: "does not count what is in flight",
    scenario: "narrow window",
    file: "session/outbound.ts",
    from: "i32.load(client + IN_FLIGHT) < i32.load(client + WINDOW)",
    to: "i32.load(client + WINDOW) > 0",
    finding: /in flight than the window/,
  },
  {
    bug: "answers PUBREL only for what it knows",
    scenario: "receiving",
    file: "session/packets.ts",
    from: /(queue\(client, PUBCOMP << 4, id\);)\s*if \(at === 0\) return NONE;/,
    to: "if (at === 0) return NONE; $1",
    finding: /wedged/,
  },
  {
    bug: "keeps identifiers of a session that the broker has lost",
    scenario: "sessions lost",
    file: "session/packets.ts",
    from: /memory\.fill\([^\n]*INBOUND_IDS[^\n]*\);/,
    to: "",
    finding: /wedged/,
  },
];

/** What becomes of the same actions in the core as it is. */
function replayed(settings: Settings, actions: readonly string[]): string {
  try {
    return replay(loadWasm(CORE_SIZE), settings, actions);
  } catch (error) {
    return (error as Error).message;
  }
}

describe("a bug is found", () => {
  it.each(BUGS)("$bug", async ({ scenario, without, finding, ...mutation }) => {
    const actions = SCENARIOS[scenario].actions.filter(name => without?.test(name) !== true);
    const settings = { ...SCENARIOS[scenario], actions };
    const mutant = await mutantCore(mutation, CORE_SIZE);
    const found = await explore(mutant, settings, { stateMax: 60_000, depthMax: 100 });
    expect(found.counterexample?.text).toMatch(finding);
    const trace = found.counterexample?.actions ?? [];
    expect(replay(mutant, settings, trace)).toBe(found.counterexample?.text);
    expect(replayed(settings, trace)).toMatch(/^$|cannot happen there/);
  });
});
