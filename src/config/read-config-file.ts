import { z } from 'zod';
import { CONFIG_FILE, type ConfigFile } from './config-file.js';
import { type ConfigProblem, fileProblems } from './config-problem.js';
import { readYaml } from './read-yaml.js';

/** A file read and checked; `values` is null where anything is wrong. `place` gives file, line and path of a setting. */
export interface ReadConfigFile {
  readonly values: ConfigFile | null;
  readonly problems: readonly ConfigProblem[];
  place(path: readonly PropertyKey[]): string;
}

/** @param source - the file's text; empty where there is no file */
export function readConfigFile(source: string, fileName: string): ReadConfigFile {
  const { value, problems, lineOf } = readYaml(source, fileName);
  const place = (path: readonly PropertyKey[]) => {
    const line = lineOf(path);
    return `${fileName}${line === null ? '' : `:${line}`}${path.length > 0 ? ` ${dotted(path)}` : ''}`;
  };
  if (problems.length > 0) return { values: null, problems, place };

  const input = value ?? {};
  const parsed = CONFIG_FILE.safeParse(input);
  if (parsed.success) return { values: parsed.data, problems: [], place };
  return { values: null, problems: fileProblems(parsed.error.issues, input, place, keysAt), place };
}

/** `models.coder.sources[0].path` */
function dotted(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index > 0 ? '.' : ''}${String(key)}`))
    .join('');
}

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode;
}

/** The keys that the mapping at `path` takes, from the schema itself. */
function keysAt(path: readonly PropertyKey[]): readonly string[] {
  let node: SchemaNode | undefined = z.toJSONSchema(CONFIG_FILE, { io: 'input' }) as SchemaNode;
  for (const key of path) {
    const other: SchemaNode | boolean | undefined = node?.additionalProperties;
    node =
      typeof key === 'number'
        ? node?.items
        : (node?.properties?.[String(key)] ?? (typeof other === 'object' ? other : undefined));
  }
  return Object.keys(node?.properties ?? {});
}
