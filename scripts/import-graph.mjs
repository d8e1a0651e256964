import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';

/**
 * @typedef {object} Import
 * @property {string} from - path of the module from the root
 * @property {string | null} to - path of the imported file; null where it is a package or is not there
 * @property {string} named - as the module names it
 */

/**
 * Every import, re-export, `import()` and `import type` of the TypeScript below some folders.
 *
 * @param {string} root
 * @param {readonly string[]} folders
 * @returns {{ modules: string[], imports: Import[] }}
 * @throws {Error} where a module cannot be parsed, imports by an expression, or there is no module at all
 */
export function readImports(root, folders) {
  const modules = folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true })
      .map((name) => path.posix.join(folder, String(name).replaceAll(path.sep, '/')))
      .filter((name) => /\.[cm]?[jt]sx?$/.test(name) && !name.includes('/generated/')),
  );
  if (modules.length === 0) throw new Error(`no module below ${folders.join(', ')}`);
  const imports = modules.flatMap((from) =>
    [...new Set(namedIn(from, readFileSync(path.join(root, from), 'utf8')))].map((named) => ({
      from,
      named,
      to: named.startsWith('.') ? fileOf(root, path.posix.join(path.posix.dirname(from), named)) : null,
    })),
  );
  return { modules: modules.sort(), imports };
}

/** @returns {string[]} */
function namedIn(name, source) {
  const { program, module, errors } = parseSync(name, source);
  if (errors.length > 0) throw new Error(`${name}: ${errors[0].message}`);
  const named = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
    ),
  ];
  const add = ({ source: given }) => {
    if (given.type !== 'Literal') throw new Error(`${name}: import() of an expression`);
    named.push(given.value);
  };
  new Visitor({ ImportExpression: add, TSImportType: add }).visit(program);
  return named;
}

/** TypeScript names what will be there once it is compiled. */
function fileOf(root, name) {
  const candidates = [name, name.replace(/\.js$/, '.ts'), name.replace(/\.js$/, '.tsx')];
  return candidates.find((candidate) => existsSync(path.join(root, candidate))) ?? null;
}
