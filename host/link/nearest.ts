/**
 * "Did you mean": the known name nearest to an unknown one, by edit distance (Levenshtein 1966; neighbours swapped count as one
 * edit, as they do under fingers).
 */
function nearestName(unknown: string, known: readonly string[]): string | undefined {
  // Everything is near to nothing.
  if (unknown.trim() === "") return undefined;
  let nearest: string | undefined;
  let nearestEdits = Math.max(2, Math.floor(unknown.length / 2)) + 1;
  for (const name of known) {
    const edits = editCount(unknown.toLowerCase(), name.toLowerCase());
    if (edits < nearestEdits) {
      nearestEdits = edits;
      nearest = name;
    }
  }
  return nearest;
}

/** `; did you mean "x"?`, or nothing when no known name is near. */
export function suggestion(unknown: string, known: readonly string[]): string {
  const nearest = nearestName(unknown, known);
  return nearest === undefined ? "" : `; did you mean "${nearest}"?`;
}

function editCount(a: string, b: string): number {
  let twoBack: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      let edits = Math.min(changed, previous[j] + 1, current[j - 1] + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) edits = Math.min(edits, twoBack[j - 2] + 1);
      current.push(edits);
    }
    twoBack = previous;
    previous = current;
  }
  return previous[b.length];
}
