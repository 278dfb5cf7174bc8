/** One file imports another. */
interface Edge {
  readonly from: string;
  readonly to: string;
}

/** Finds the groups of files that all import each other, by way of others or not (Tarjan). */
export function findCircles(files: readonly string[], edges: readonly Edge[]): string[][] {
  const next = Map.groupBy(edges, ({ from }) => from);
  const order = new Map<string, number>();
  const open: string[] = [];
  const circles: string[][] = [];

  const visit = (file: string): number => {
    const index = order.size;
    order.set(file, index);
    open.push(file);
    let lowest = index;
    for (const { to } of next.get(file) ?? []) {
      const seen = order.get(to);
      if (seen === undefined) lowest = Math.min(lowest, visit(to));
      else if (open.includes(to)) lowest = Math.min(lowest, seen);
    }
    if (lowest === index) {
      const group = open.splice(open.indexOf(file));
      const isCircle = group.length > 1 || next.get(file)?.some(({ to }) => to === file);
      if (isCircle) circles.push(group);
    }
    return lowest;
  };
  for (const file of files) if (!order.has(file)) visit(file);
  return circles;
}
