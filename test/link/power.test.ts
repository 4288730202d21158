// What a radio takes: the profile's fields, and joules to the digit.
import { describe, expect, it } from "vitest";
import { energyOf, LinkError, type LinkSpec, parseTc, preset, validatePower } from "../../host/link/index.ts";

const RATED = preset("geo-vsat").link;
const UNRATED: LinkSpec = parseTc("delay 100ms");
const PROFILE = { source: "a data sheet", transmitW: 2, receiveW: 0.5, idleW: 0.01, connectJ: 4 };

describe("energy", () => {
  const up = { airtimeUs: 3_000_000, airBytes: 1000 };
  const down = { airtimeUs: 2_000_000, airBytes: 500 };

  it("is watts by the time on the air, and idle the rest of the time", () => {
    const energy = energyOf(PROFILE, { up, down, connectionCount: 5, sensorSeconds: 105 });
    expect(energy).toEqual({ transmit: 6, receive: 1, idle: 1, connect: 20, total: 28 });
  });

  it("is joules by the byte where that is given", () => {
    const profile = { source: "x", transmitJPerByte: 0.002, receiveJPerByte: 0.001, idleW: 0 };
    const energy = energyOf(profile, { up, down, connectionCount: 5, sensorSeconds: 105 });
    expect(energy).toEqual({ transmit: 2, receive: 0.5, idle: 0, connect: 0, total: 2.5 });
  });
});

describe("a power profile", () => {
  it("is taken as it stands", () => {
    expect(validatePower({ name: "modem", ...PROFILE }, RATED, "p")).toEqual({ name: "modem", ...PROFILE });
  });

  it.each([
    [[], "p: an object is needed, not []"],
    [{ ...PROFILE, transmitWatts: 1 }, 'p: there is no field "transmitWatts"'],
    [{ ...PROFILE, source: undefined }, "p.source: a text is needed, not nothing"],
    [{ ...PROFILE, idleW: undefined }, "p.idleW: watts are 0 to 10000, not undefined"],
    [{ ...PROFILE, idleW: "0.1 W" }, 'p.idleW: watts are 0 to 10000, not "0.1 W"'],
    [{ ...PROFILE, transmitW: -1 }, "p.transmitW: watts are 0 to 10000, not -1"],
    [{ ...PROFILE, transmitW: 2e5 }, "p.transmitW: watts are 0 to 10000, not 200000"],
    [{ ...PROFILE, transmitJPerByte: 1 }, "p: one of transmitW and transmitJPerByte is needed"],
    [{ ...PROFILE, receiveW: undefined }, "p: one of receiveW and receiveJPerByte is needed"],
    [{ ...PROFILE, connectJ: null }, "p.connectJ: joules are 0 to 10000, not null"],
  ])("%j is refused", (value, message) => {
    expect(() => validatePower(value, RATED, "p")).toThrow(LinkError);
    expect(() => validatePower(value, RATED, "p")).toThrow(message);
  });

  it("of watts is refused on a link without a rate, where nothing takes time on the air", () => {
    expect(() => validatePower(PROFILE, UNRATED, "p")).toThrow(
      "p.transmitW: it counts time on the air, and tc has no rate up; give transmitJPerByte",
    );
    const bytes = { source: "x", transmitJPerByte: 1e-3, receiveJPerByte: 1e-3, idleW: 0 };
    expect(validatePower(bytes, UNRATED, "p")).toEqual(bytes);
  });
});
