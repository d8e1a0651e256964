import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';

/**
 * @typedef {object} Import
 * @property {string} from - path of the module from the root
 * @property {string | null} to - path of the imported file; null where it is a package or is not there
 * @property {string} named - as the module names it
 * @property {boolean} types - only types: gone at run time
 */

/**
 * Every import, re-export, `import()` and `import type` of the TypeScript below some folders.
 *
 * @param {string} root
 * @param {readonly string[]} folders
 * @returns {{ modules: string[], imports: Import[] }}
 * @throws {Error} where one cannot be parsed, or there is none at all
 */
export function readImports(root, folders) {
  const modules = folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true })
      .map((name) => path.posix.join(folder, String(name).replaceAll(path.sep, '/')))
      .filter((name) => /\.[cm]?[jt]sx?$/.test(name) && !name.includes('/generated/')),
  );
  if (modules.length === 0) throw new Error(`no module below ${folders.join(', ')}`);
  return { modules: modules.sort(), imports: modules.flatMap((module) => importsOf(root, module)) };
}

/**
 * @param {string} root
 * @param {string} from - path of a module from the root
 * @returns {Import[]} one for each name
 * @throws {Error} where it cannot be parsed
 */
export function importsOf(root, from) {
  const named = namedIn(from, readFileSync(path.join(root, from), 'utf8'));
  return [...new Set(named.map(({ name }) => name))].map((name) => ({
    from,
    named: name,
    to: name.startsWith('.') ? fileOf(root, path.posix.join(path.posix.dirname(from), name)) : null,
    types: named.every((each) => each.name !== name || each.types),
  }));
}

/** @returns {{ name: string, types: boolean }[]} */
function namedIn(file, source) {
  const { program, module, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  const onlyTypes = (entries) => entries.length > 0 && entries.every(({ isType }) => isType);
  const named = [
    ...module.staticImports.map(({ moduleRequest, entries }) => ({
      name: moduleRequest.value,
      types: onlyTypes(entries),
    })),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest, isType }) =>
        moduleRequest ? [{ name: moduleRequest.value, types: isType }] : [],
      ),
    ),
  ];
  const add =
    (types) =>
    ({ source: given }) => {
      // No row allows it: what nobody can read nobody can check.
      named.push({ name: given.type === 'Literal' ? given.value : 'what an expression names', types });
    };
  new Visitor({ ImportExpression: add(false), TSImportType: add(true) }).visit(program);
  return named;
}

/** TypeScript names what will be there once it is compiled. */
function fileOf(root, name) {
  const candidates = [name, name.replace(/\.js$/, '.ts'), name.replace(/\.jsx?$/, '.tsx')];
  return candidates.find((candidate) => existsSync(path.join(root, candidate))) ?? null;
}
