import { posix } from 'node:path';

/**
 * What breaks the rules, a sentence each: an import that no row allows, a folder without a row, a file that is not there,
 * a circle of modules or of rooms.
 *
 * @param {readonly string[]} modules
 * @param {readonly import('./import-graph.mjs').Import[]} imports
 * @param {typeof import('./import-rules.mjs').ROOMS} rooms
 * @returns {string[]}
 */
export function findImportFaults(modules, imports, rooms) {
  const rowOf = (file) => {
    for (let folder = posix.dirname(file); folder !== '.'; folder = posix.dirname(folder)) {
      // `src` is the row of its own files, or a new folder would have all that main.ts may import.
      if (rooms[folder] && (folder.includes('/') || posix.dirname(file) === folder)) return folder;
    }
    return null;
  };
  // A row below another is a room of its own: the page is none of the web adapter's.
  const isIn = (file, allowed) =>
    file.startsWith(`${allowed}/`) && (rooms[allowed] === undefined || rowOf(file) === allowed);
  const homeless = new Set(modules.filter((file) => rowOf(file) === null).map((file) => posix.dirname(file)));
  const unused = Object.keys(rooms).filter((room) => !modules.some((file) => rowOf(file) === room));
  return [
    ...[...homeless].map((folder) => `${folder} has no row in scripts/import-rules.mjs`),
    ...unused.map((room) => `${room} has a row in scripts/import-rules.mjs and no module`),
    ...imports.flatMap(({ from, to, named }) => {
      const room = rowOf(from);
      if (room === null) return [];
      if (!named.startsWith('.')) return mayUse(rooms[room].packages, named) ? [] : [`${from} uses ${named}`];
      if (to === null) return [`${from} imports ${named}, which is not there`];
      if (rowOf(to) === room || rooms[room].imports.some((allowed) => isIn(to, allowed))) return [];
      return [`${from} imports ${to}`];
    }),
    ...circles(modules, imports),
  ];
}

function mayUse(packages, named) {
  const name = named.startsWith('@') ? named.split('/', 2).join('/') : named.split('/', 1)[0];
  return packages.some((allowed) =>
    allowed === 'node:'
      ? named.startsWith('node:')
      : allowed.endsWith('/*')
        ? named.startsWith(allowed.slice(0, -1))
        : name === allowed,
  );
}

/**
 * Circles on every floor: among the files and folders that lie in one folder, where a folder stands for all in it.
 *
 * @returns {string[]}
 */
function circles(modules, imports) {
  const folders = new Set();
  for (const file of modules) {
    for (let at = posix.dirname(file); at !== '.'; at = posix.dirname(at)) folders.add(`${at}/`);
  }
  return [...folders].flatMap((folder) => {
    const roomOf = (file) => file.slice(0, `${file}/`.indexOf('/', folder.length));
    const arrows = new Map();
    for (const { from, to } of imports) {
      if (to === null || !from.startsWith(folder) || !to.startsWith(folder)) continue;
      const [one, other] = [roomOf(from), roomOf(to)];
      if (one === other) continue;
      const reached = arrows.get(one) ?? new Map();
      arrows.set(one, reached.set(other, `${from} imports ${to}`));
    }
    const circle = findCircle(arrows);
    return circle === null ? [] : [`a circle in ${folder}:\n  ${circle.join('\n  ')}`];
  });
}

/** An import for each arrow of one circle, or null where there is none. */
function findCircle(arrows) {
  const done = new Set();
  const way = [];
  const visit = (room) => {
    const at = way.findIndex((step) => step.room === room);
    if (at >= 0) return way.slice(at).map(({ by }) => by);
    if (done.has(room)) return null;
    for (const [next, by] of arrows.get(room) ?? []) {
      way.push({ room, by });
      const circle = visit(next);
      way.pop();
      if (circle !== null) return circle;
    }
    done.add(room);
    return null;
  };
  for (const room of arrows.keys()) {
    const circle = visit(room);
    if (circle !== null) return circle;
  }
  return null;
}
