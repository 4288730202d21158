/** The report of a simulation. */
import type { SimulationData } from "../data.ts";
import { byteChart, byteTable } from "./byte-chart.ts";
import { chart, drawAll } from "./chart.ts";
import { delayChart, delayTable } from "./delay-chart.ts";
import { behind, element, section, table } from "./elements.ts";
import { messages } from "./messages.ts";
import { shadingNote, timeChart, timeTable } from "./time-chart.ts";

export function showSimulation(data: SimulationData, head: HTMLElement, main: HTMLElement): void {
  const [verdict, ...violations] = data.verdict;
  head.append(
    element("p", { class: data.isGood ? "verdict good" : "verdict" }, [verdict, ...violations].join("\n")),
    factsOf(data.facts),
  );
  main.append(section("results", "Results", true, table(data.results)), delaysOf(data), bytesOf(data), timeOf(data));
  const lives = messages(data.rows);
  const hasLives = data.rows.some(row => row.lives.length > 0);
  if (hasLives) {
    const note =
      "Every packet on the sensor's link from the reading to the last that was heard of it. Time runs down; a long silence is cut short, with its length beside it.";
    main.append(section("life", "The life of a message", true, element("p", { class: "note" }, note), lives.place));
  }
  main.append(linkOf(data), commandOf(data.command));
  drawAll(() => {
    if (hasLives) lives.redraw();
  });
}

export function factsOf(facts: SimulationData["facts"]): HTMLElement {
  return element(
    "dl",
    {},
    ...facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))),
  );
}

export function commandOf(command: string): HTMLElement {
  const note = "The same seed gives the same run on any machine.";
  return section(
    "command",
    "Made by",
    true,
    element("pre", { tabindex: "0" }, command),
    element("p", { class: "note" }, note),
  );
}

function delaysOf(data: SimulationData): HTMLElement {
  let isTail = false;
  const words = data.rows.map(({ name, delays }) => {
    const most = delays.at(-1)?.[1] ?? 0;
    const half = delays.find(([, share]) => share >= most / 2)?.[0] ?? 0;
    return `${name}: half within ${Math.round(half)} ms, all that came within ${Math.round(delays.at(-1)?.[0] ?? 0)} ms`;
  });
  const made = chart(`Distribution of the delay. ${words.join("; ")}.`, palette => delayChart(data, palette, isTail));
  const choice = (text: string, isOfTail: boolean) => {
    const input = element("input", { type: "radio", name: "delay-scale" });
    input.checked = isOfTail === isTail;
    input.addEventListener("change", () => {
      isTail = isOfTail;
      made.redraw();
    });
    return element("label", { class: "inline" }, input, text);
  };
  const controls = element(
    "div",
    { class: "controls" },
    element("fieldset", {}, element("legend", {}, "Show"), choice("all", false), choice("the slowest", true)),
  );
  return section("delays", "Delay", false, controls, made.place, behind("The delays as a table", delayTable(data)));
}

function bytesOf(data: SimulationData): HTMLElement {
  const { rows } = byteTable(data);
  const label = `Bytes by what they are for. ${rows.map(row => `${row[0]}: ${row.at(-2)} together`).join("; ")}.`;
  const made = chart(label, palette => byteChart(data, palette), "chart tall");
  return section("bytes", "Bytes", false, made.place, behind("The bytes as a table", byteTable(data)));
}

function timeOf(data: SimulationData): HTMLElement {
  const label =
    "Messages delivered over time, and the longest delay of those published; the table below has the figures.";
  const made = chart(label, palette => timeChart(data, palette), "chart tall");
  const note = element("p", { class: "note" }, shadingNote(data.silent));
  return section("time", "Over time", true, note, made.place, behind("The time as a table", timeTable(data)));
}

function linkOf({ link }: SimulationData): HTMLElement {
  const isAny = link.figures.some(({ isIllustrative }) => isIllustrative);
  const body = table(
    {
      head: ["figure", "value", "grade", "source"],
      rows: link.figures.map(({ path, value, grade, meaning, source }) => [
        path,
        value,
        grade === "" ? meaning : `${grade}: ${meaning}`,
        source,
      ]),
    },
    "",
    true,
  );
  for (const [index, row] of [...body.querySelectorAll("tbody tr")].entries()) {
    if (!link.figures[index].isIllustrative) continue;
    row.classList.add("illustrative-row");
    row.children[2].classList.add("illustrative");
  }
  const note = isAny
    ? "Figures of grade F are illustrative: assumptions, and results that depend on them are no better."
    : "No figure of this link is an assumption.";
  return section(
    "link",
    `The link: ${link.name}`,
    true,
    element("p", {}, link.summary),
    element("p", { class: "note" }, note),
    body,
  );
}
