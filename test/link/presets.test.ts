import { describe, expect, it } from "vitest";
import { Link } from "../../host/link/link.ts";
import { MESSAGE_BEARERS, RECORDINGS } from "../../host/link/presets/message-bearers.ts";
import { GRADES } from "../../host/link/presets/provenance.ts";
import { figuresOf, illustrativeParts, PRESETS, preset, presetOrBearer } from "../../host/link/presets.ts";
import { validateLink } from "../../host/link/validate.ts";
import { VirtualTime } from "../../host/simulation/virtual-time.ts";

describe("presets", () => {
  it.each(Object.keys(PRESETS))("%s is a valid link under its own name, and can be built", name => {
    const { link, summary } = preset(name);
    expect(validateLink(link)).toEqual(link);
    expect(link.name).toBe(name);
    expect(summary.length).toBeGreaterThan(1);
    expect(new Link(new VirtualTime(), link, 1n).mtuBytes).toBe(link.mtu ?? 1500);
  });

  it.each([...Object.keys(PRESETS), ...Object.keys(MESSAGE_BEARERS)])(
    "%s: every figure has a grade and a source",
    name => {
      const subject = presetOrBearer(name);
      const figures = figuresOf(subject);
      if (name !== "none") expect(figures.length).toBeGreaterThan(1);
      for (const { path, grade, source } of figures) {
        expect(grade === undefined ? `${name}: ${path} has no source` : "").toBe("");
        expect(source.length).toBeGreaterThan(3);
      }
      // And no source speaks of a figure that is not there.
      for (const { figure, grade } of subject.provenance) {
        const used = figures.filter(({ path }) => path.replace(/^(up|down)\./, "").startsWith(figure));
        expect(used.length === 0 ? `${name}: no figure ${figure}` : "").toBe("");
        expect(Object.keys(GRADES)).toContain(grade);
      }
    },
  );

  it("tell a figure once where both directions have it, and twice where they differ", () => {
    const paths = figuresOf(preset("geo-vsat")).map(({ path, value }) => `${path}=${value}`);
    expect(paths).toEqual([
      ...["mtu=1500", "outage.meanOn=6h", "outage.meanOff=90s", "delay.base=300", "delay.jitter=10"],
      ...["up.rate.bps=512000", "down.rate.bps=2000000", "loss.rate=1e-7"],
    ]);
    expect(illustrativeParts(preset("geo-vsat"))).toEqual(["delay.jitter", "rate", "outage"]);
  });

  it("name a bearer without TCP and say why it is refused", () => {
    expect(Object.keys(MESSAGE_BEARERS)).toHaveLength(9);
    for (const [name, { limit }] of Object.entries(MESSAGE_BEARERS)) {
      expect(() => preset(name)).toThrow(
        `link "${name}" carries messages, not TCP, so MQTT cannot run over it: ${limit}`,
      );
    }
  });

  it("name a recording that is not shipped", () => {
    for (const name of Object.keys(RECORDINGS)) expect(() => preset(name)).toThrow(`link "${name}" is a recording: `);
  });

  it("suggest the nearest name", () => {
    expect(() => preset("geo-vast")).toThrow('link "geo-vast" does not exist; did you mean "geo-vsat"?');
    expect(() => preset("zzzzzzzzzzz")).toThrow('link "zzzzzzzzzzz" does not exist');
    expect(() => preset("constructor")).toThrow('link "constructor" does not exist');
    expect(preset("ideal").link).toEqual({ name: "none", up: {}, down: {} });
  });
});
