/** The colours of charts: those of the page's style, read when a chart is drawn, so that light, dark and print each get their own. */
export interface Palette {
  readonly ink: string;
  readonly faint: string;
  readonly line: string;
  readonly card: string;
  readonly shade: string;
  readonly bad: string;
  readonly good: string;
  readonly series: readonly string[];
  readonly kinds: readonly string[];
}

/** How lines are told apart without their colours. */
export const DASHES: readonly ("solid" | number[])[] = ["solid", [8, 4], [2, 3], [10, 3, 2, 3], [1, 2], [5, 2]];

/** The colours that `read` has for each name of a variable. */
export function paletteOf(read: (name: string) => string): Palette {
  const numbered = (name: string) => Array.from({ length: 6 }, (_, index) => read(`--${name}-${index}`));
  return {
    ink: read("--ink"),
    faint: read("--faint"),
    line: read("--line"),
    card: read("--card"),
    shade: read("--shade"),
    bad: read("--bad"),
    good: read("--good"),
    series: numbered("series"),
    kinds: numbered("kind"),
  };
}
