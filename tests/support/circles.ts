/**
 * Support for tests: files that import each other in a circle, types too: whoever wants to understand one of them has to
 * read them all.
 *
 * @module
 */
import { posix } from "node:path";
import { imports, type SourceFile, withoutComments } from "./doors.ts";

/** Each circle as its files, sorted; none when all is well. */
export function circles(files: readonly SourceFile[]): string[][] {
  const paths = new Set(files.map(({ path }) => path));
  const arrows = new Map(files.map(({ path, text }) => {
    const targets = imports(withoutComments(text)).flatMap((specifier) => {
      if (specifier === null || !specifier.startsWith(".")) return [];
      const target = posix.normalize(posix.join(posix.dirname(path), specifier));
      return paths.has(target) ? [target] : [];
    });
    return [path, targets];
  }));
  return strongComponents(arrows).filter((component) => component.length > 1).map((component) =>
    component.sort()
  );
}

/** Tarjan's algorithm. */
function strongComponents(arrows: ReadonlyMap<string, readonly string[]>): string[][] {
  const indexOf = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (node: string): void => {
    const index = indexOf.size;
    indexOf.set(node, index);
    lowest.set(node, index);
    stack.push(node);
    for (const next of arrows.get(node) ?? []) {
      if (!indexOf.has(next)) {
        visit(next);
        lowest.set(node, Math.min(lowest.get(node)!, lowest.get(next)!));
      } else if (stack.includes(next)) lowest.set(node, Math.min(lowest.get(node)!, indexOf.get(next)!));
    }
    if (lowest.get(node) === index) found.push(stack.splice(stack.indexOf(node)));
  };
  for (const node of arrows.keys()) if (!indexOf.has(node)) visit(node);
  return found;
}
