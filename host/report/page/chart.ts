/** A chart on the page: drawn by echarts as SVG, in the colours of the moment, again when they or the width change, and told in words beside it. */
import { BarChart, HeatmapChart, LineChart } from "echarts/charts";
import {
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  TooltipComponent,
  VisualMapComponent,
} from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { element } from "./elements.ts";
import { type Palette, paletteOf } from "./palette.ts";

use([BarChart, HeatmapChart, LineChart, GridComponent, LegendComponent, MarkAreaComponent, TooltipComponent]);
use([VisualMapComponent, SVGRenderer]);

/** The colours of the page as they are now. */
export function presentPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  return paletteOf(name => style.getPropertyValue(name).trim());
}

export interface Chart {
  readonly place: HTMLElement;
  /** Draws it again, with what `option` answers now. */
  redraw(): void;
}

const charts: Chart[] = [];

/** Makes a chart; `label` says what it shows to those who do not see it. It is drawn by {@link drawAll}. */
export function chart(label: string, option: (palette: Palette) => EChartsCoreOption, className = "chart"): Chart {
  const place = element("div", { class: className, role: "img", "aria-label": label });
  let drawn: ReturnType<typeof init> | null = null;
  const made: Chart = {
    place,
    redraw() {
      drawn?.dispose();
      drawn = init(place, null, { renderer: "svg" });
      drawn.setOption(option(presentPalette()));
    },
  };
  new ResizeObserver(() => drawn?.resize()).observe(place);
  charts.push(made);
  return made;
}

/** Draws every chart, now and whenever the colours change. `also` is drawn with them. */
export function drawAll(also: () => void): void {
  const draw = () => {
    for (const each of charts) each.redraw();
    also();
  };
  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  matchMedia("print").addEventListener("change", draw);
}
