import { type Import, importsOf } from '../../scripts/import-graph.mjs';

/** What files of this repository load at run time, found in their text: nothing is run. */
export class ImportGraph {
  readonly #root: string;
  readonly #known = new Map<string, readonly Import[]>();

  /** @param root - of the repository; files are named from there */
  constructor(root: string) {
    this.#root = root;
  }

  /** Files as paths from the root, all else (`node:net`, `pg`) by its name. */
  importsOf(file: string): readonly string[] {
    return this.#loadedBy(file).map(({ to, named }) => to ?? named);
  }

  /** Whether a file loads one of these, itself or through another. */
  reaches(file: string, targets: ReadonlySet<string>): boolean {
    const seen = new Set([file]);
    if (targets.has(file)) return true;
    for (const each of seen) {
      for (const { to, named } of this.#loadedBy(each)) {
        if (targets.has(to ?? named)) return true;
        // What is built is a program's own, and no source.
        if (to !== null && !/^(?:build|dist)\//.test(to)) seen.add(to);
      }
    }
    return false;
  }

  #loadedBy(file: string): readonly Import[] {
    if (!/\.[cm]?[jt]sx?$/.test(file)) return [];
    const known = this.#known.get(file) ?? importsOf(this.#root, file).filter(({ types }) => !types);
    this.#known.set(file, known);
    return known;
  }
}
