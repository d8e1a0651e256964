import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** `import … from 'x'`, `export … from 'x'`, `import 'x'`, `import('x')`; what is only a type is gone at run time. */
const IMPORTS = /^(?:import|export)\s(?!type\s)(?:[^'";]*?\sfrom\s*)?'([^']+)'|\bimport\('([^']+)'\)/gm;
const SOURCE = /\.(?:ts|tsx|mjs)$/;

/** What files of this repository load, found in their text: nothing is run. */
export class ImportGraph {
  readonly #root: string;
  readonly #known = new Map<string, readonly string[]>();

  /** @param root - of the repository; files are named from there */
  constructor(root: string) {
    this.#root = root;
  }

  /** Files as paths from the root, all else (`node:net`, `pg`) by its name. */
  importsOf(file: string): readonly string[] {
    const known = this.#known.get(file);
    if (known) return known;
    const text = readFileSync(path.join(this.#root, file), 'utf8');
    const found = [...text.matchAll(IMPORTS)].map(([, from, dynamic]) =>
      this.#resolve(file, from ?? dynamic ?? ''),
    );
    this.#known.set(file, found);
    return found;
  }

  /** Whether a file loads one of these, itself or through another. */
  reaches(file: string, targets: ReadonlySet<string>): boolean {
    const seen = new Set([file]);
    for (const each of seen) {
      if (targets.has(each)) return true;
      if (!SOURCE.test(each) || !existsSync(path.join(this.#root, each))) continue;
      for (const next of this.importsOf(each)) seen.add(next);
    }
    return false;
  }

  #resolve(file: string, specifier: string): string {
    if (!specifier.startsWith('.')) return specifier;
    const target = path.posix.join(path.posix.dirname(file), specifier);
    const sources = [target.replace(/\.js$/, '.ts'), target.replace(/\.jsx?$/, '.tsx')];
    return sources.find((source) => existsSync(path.join(this.#root, source))) ?? target;
  }
}
