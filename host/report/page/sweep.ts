/** The report of a sweep: a map of any figure over any two dimensions, and the table of everything. */
import type { SweepData } from "../data.ts";
import { chart, drawAll } from "./chart.ts";
import { behind, element, section, table } from "./elements.ts";
import { gridTable, heatMap, shown } from "./heat-map.ts";
import { commandOf, factsOf } from "./simulation.ts";

export function showSweep(data: SweepData, head: HTMLElement, main: HTMLElement): void {
  const { dimensions, figures, points } = data;
  head.append(factsOf(data.facts));
  if (dimensions.length > 0) main.append(mapOf(data));
  main.append(
    section(
      "table",
      "Every combination",
      true,
      element("p", { class: "note" }, "Means over the seeds of each."),
      table({
        head: [...dimensions, "runs", ...figures.map(({ what }) => what)],
        rows: points.map(({ values, runs, means }) => [
          ...values.map(shown),
          String(runs),
          ...means.map((mean, index) => mean.toFixed(figures[index].digits)),
        ]),
      }),
    ),
    commandOf(data.command),
  );
  drawAll(() => {});
}

function mapOf(data: SweepData): HTMLElement {
  const { dimensions, figures } = data;
  const select = (id: string, names: readonly string[], index: number) => {
    const made = element("select", { id }, ...names.map(name => element("option", {}, name)));
    made.selectedIndex = index;
    return made;
  };
  const figure = select(
    "figure",
    figures.map(({ what }) => what),
    figures.findIndex(({ name }) => name === data.figure),
  );
  const down = select("down", dimensions, 0);
  const across = select("across", dimensions, Math.min(1, dimensions.length - 1));
  const choice = () => ({ figure: figure.selectedIndex, down: down.selectedIndex, across: across.selectedIndex });
  const made = chart(
    "Heat map; the table below has the figures.",
    palette => heatMap(data, choice(), palette),
    "chart tall",
  );
  const numbers = element("div");
  const redraw = () => {
    made.redraw();
    numbers.replaceChildren(behind("The map as a table", gridTable(data, choice())));
  };
  for (const each of [figure, down, across]) each.addEventListener("change", redraw);
  numbers.append(behind("The map as a table", gridTable(data, choice())));
  const controls = element(
    "div",
    { class: "controls" },
    element("label", {}, "Figure", figure),
    element("label", {}, "Down", down),
    element("label", {}, "Across", across),
  );
  return section("map", "Map", true, controls, made.place, numbers);
}
