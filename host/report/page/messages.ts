/** The messages whose lives the report has: a list to choose from, a search, and the diagram of the one that is chosen. */
import type { LifeData, RowData } from "../data.ts";
import { shortTime } from "../quantities.ts";
import { presentPalette } from "./chart.ts";
import { behind, element } from "./elements.ts";
import { nameOfLife, sequenceSvg, stepTable, storyOf } from "./sequence.ts";

export interface Messages {
  readonly place: HTMLElement;
  redraw(): void;
}

export function messages(rows: readonly RowData[]): Messages {
  const withLives = rows.filter(({ lives }) => lives.length > 0);
  const diagram = element("div", { id: "diagram", "aria-live": "polite" });
  const rowChoice = element("select", { id: "life-row" }, ...withLives.map(({ name }) => element("option", {}, name)));
  const reasons = [...new Set(withLives.flatMap(({ lives }) => lives.map(({ why }) => why)))].filter(why => why !== "");
  const all = element("option", { value: "" }, "all that are here");
  const whyChoice = element(
    "select",
    { id: "life-why" },
    all,
    ...reasons.sort().map(why => element("option", { value: why }, why)),
  );
  const search = element("input", { type: "search", id: "life-search", placeholder: "sensor/number, such as 12/345" });
  const list = element("select", { id: "life-list", size: "16" });
  let shown: LifeData[] = [];

  const rowOf = () => withLives[rowChoice.selectedIndex];
  const draw = () => {
    const life = shown[list.selectedIndex];
    diagram.replaceChildren();
    if (life === undefined) {
      diagram.append(element("p", { class: "note" }, noneText(search.value)));
      return;
    }
    const isQos0 = rowOf().name.includes("QoS 0");
    const drawing = new DOMParser().parseFromString(sequenceSvg(life, presentPalette(), isQos0), "image/svg+xml");
    diagram.append(element("p", {}, storyOf(life, isQos0)), document.adoptNode(drawing.documentElement));
    if (life.omitted > 0)
      diagram.append(element("p", { class: "note" }, `${life.omitted} packets more are not shown.`));
    diagram.append(behind("The steps as a table", stepTable(life, isQos0), true));
  };
  const fill = () => {
    const wanted = search.value.replace(/[^0-9/]/g, "");
    shown = rowOf().lives.filter(
      life =>
        (whyChoice.value === "" || life.why === whyChoice.value) && `${life.sensor}/${life.number}`.startsWith(wanted),
    );
    list.replaceChildren(...shown.map(life => element("option", {}, labelOf(life))));
    list.selectedIndex = shown.length === 0 ? -1 : 0;
    draw();
  };
  rowChoice.addEventListener("change", fill);
  whyChoice.addEventListener("change", fill);
  search.addEventListener("input", fill);
  list.addEventListener("change", draw);

  const place = element(
    "div",
    { class: "life" },
    element(
      "div",
      { class: "list" },
      element("label", {}, "Run", rowChoice),
      element("label", {}, "Which", whyChoice),
      element("label", {}, "Search", search),
      element("label", {}, "Message", list),
    ),
    diagram,
  );
  rowChoice.selectedIndex = Math.min(1, withLives.length - 1);
  let isFilled = false;
  return {
    place,
    redraw() {
      if (isFilled) {
        draw();
        return;
      }
      isFilled = true;
      fill();
      list.selectedIndex = instructive(shown);
      draw();
    },
  };
}

/** Which to show first: one that lost something and still fits on a screen. Whoever asked for a message sees that. */
function instructive(lives: readonly LifeData[]): number {
  const wanted = lives.findIndex(({ why }) => why === "asked for");
  if (wanted >= 0) return wanted;
  const measure = ({ steps }: LifeData) => {
    const hasLoss = steps.some(([, , way, took]) => way !== 0 && took === null);
    return Math.abs(steps.length - 14) + (hasLoss ? 0 : 1000);
  };
  const sizes = lives.map(measure);
  return sizes.indexOf(Math.min(...sizes));
}

function labelOf(life: LifeData): string {
  const delay = life.deliveredUs.length === 0 ? "never delivered" : shortTime(life.deliveredUs[0] / 1000);
  return `${life.sensor}/${life.number}: ${delay}${life.why === "" ? "" : ` (${life.why})`}`;
}

function noneText(wanted: string): string {
  const name = /^(\d+)\/(\d+)$/.exec(wanted.trim());
  if (name === null) return "No message here is called that.";
  const message = nameOfLife({ sensor: Number(name[1]), number: Number(name[2]) });
  return `This file does not have ${message}; the same command with --message ${wanted.trim()} makes one that has.`;
}
