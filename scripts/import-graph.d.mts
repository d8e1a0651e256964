/** An import of a module: paths are from the root, `to` is null where it is a package or is not there. */
export interface Import {
  readonly from: string;
  readonly to: string | null;
  readonly named: string;
  /** Only types: gone at run time. */
  readonly types: boolean;
}

export function importsOf(root: string, from: string): readonly Import[];
