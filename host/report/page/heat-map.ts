/** One figure of a sweep over two of its dimensions, everything else in the mean. */
import type { EChartsCoreOption } from "echarts/core";
import type { SweepData, TableData } from "../data.ts";
import { tip, WHOLE } from "./delay-chart.ts";
import type { Palette } from "./palette.ts";

/** Which figure and dimensions, as indices into the data's lists. */
export interface Choice {
  readonly figure: number;
  readonly down: number;
  readonly across: number;
}

export interface Grid {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** Row by row; null where nothing was run. */
  readonly means: readonly (readonly (number | null)[])[];
}

/** The figure in each cell. Each combination counts as often as it was run. */
export function gridOf({ points }: SweepData, { figure, down, across }: Choice): Grid {
  const valuesOf = (dimension: number) => [...new Set(points.map(({ values }) => values[dimension]))];
  const [rows, columns] = [valuesOf(down), valuesOf(across)];
  const means = rows.map(row =>
    columns.map(column => {
      const cell = points.filter(({ values }) => values[down] === row && values[across] === column);
      const runCount = cell.reduce((sum, { runs }) => sum + runs, 0);
      return runCount === 0 ? null : cell.reduce((sum, each) => sum + each.means[figure] * each.runs, 0) / runCount;
    }),
  );
  return { rows, columns, means };
}

/** From a little to much, read without red and green. */
const COLOURS = ["#fff7d6", "#fdd17a", "#f4974e", "#d1544b", "#8f2a5c", "#45144f"];

export function heatMap(data: SweepData, choice: Choice, palette: Palette): EChartsCoreOption {
  const { rows, columns, means } = gridOf(data, choice);
  const { what, digits } = data.figures[choice.figure];
  const known = means.flat().filter(value => value !== null);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const cells = means.flatMap((row, y) =>
    row.flatMap((value, x) => {
      if (value === null) return [];
      const isDark = most > least && (value - least) / (most - least) > 0.55;
      return [{ value: [x, y, value], label: { color: isDark ? "#fff" : "#17202c" } }];
    }),
  );
  const axis = (name: string, values: readonly string[]) => ({
    type: "category" as const,
    data: values.map(shown),
    name,
    nameLocation: "middle" as const,
    nameTextStyle: { color: palette.faint },
    axisLabel: { color: palette.ink },
    axisLine: { lineStyle: { color: palette.line } },
    axisTick: { show: false },
  });
  return {
    animation: false,
    textStyle: { fontFamily: "system-ui, sans-serif" },
    grid: { ...WHOLE, left: 110, right: 30, top: 14, bottom: 110 },
    tooltip: {
      ...tip(palette),
      formatter: (item: unknown) => {
        const [x, y, value] = (item as { value: [number, number, number] }).value;
        return `${shown(rows[y])}, ${shown(columns[x])}<br>${what}: ${value.toFixed(digits)}`;
      },
    },
    xAxis: { ...axis(data.dimensions[choice.across], columns), nameGap: 30 },
    yAxis: { ...axis(data.dimensions[choice.down], rows), inverse: true, nameGap: 84 },
    visualMap: {
      min: least,
      max: most > least ? most : least + 1,
      calculable: false,
      orient: "horizontal",
      left: "center",
      bottom: 8,
      itemWidth: 14,
      itemHeight: 180,
      text: [most.toFixed(digits), least.toFixed(digits)],
      textStyle: { color: palette.faint },
      inRange: { color: COLOURS },
    },
    series: [
      {
        type: "heatmap",
        data: cells,
        label: { show: true, formatter: (item: { value: number[] }) => item.value[2].toFixed(digits) },
        itemStyle: { borderColor: palette.card, borderWidth: 2 },
      },
    ],
  };
}

/** The map as a table. */
export function gridTable(data: SweepData, choice: Choice): TableData {
  const { rows, columns, means } = gridOf(data, choice);
  const { digits } = data.figures[choice.figure];
  return {
    head: [`${data.dimensions[choice.down]} \\ ${data.dimensions[choice.across]}`, ...columns.map(shown)],
    rows: rows.map((row, y) => [shown(row), ...means[y].map(value => (value === null ? "" : value.toFixed(digits)))]),
  };
}

/** A value as people read it: none is what the link itself says. */
export function shown(value: string): string {
  return value === "" ? "as the link" : value;
}
