import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ExpectedFailure } from '../domain/failure.js';
import type { Persona } from '../domain/persona.js';
import type { Language } from '../domain/settings.js';
import { readYaml } from './read-yaml.js';

const IN_BOTH = z.strictObject({
  en: z.string().trim().min(1).max(20_000),
  zh: z.string().trim().min(1).max(20_000),
});

const PERSONA_FILE = z.strictObject({
  description: z.string().trim().max(100).optional(),
  system: IN_BOTH,
  notice: IN_BOTH.optional(),
});

export interface PersonaSources {
  /** Shipped ones. */
  readonly shipped: readonly Persona[];
  /** Folder of `<name>.yaml` files, each with `system` and optional `description` and `notice`; null: none. */
  readonly folder: string | null;
  /** From the configuration: the system prompt in each language. */
  readonly extra: ReadonlyMap<string, Readonly<Record<Language, string>>>;
  /** The one used where nobody chose another. */
  readonly default: string;
}

/**
 * All personas by name: shipped, then the folder's, then the configuration's; a later one replaces an earlier.
 *
 * @throws {ExpectedFailure} `setup`, naming the file and what is wrong, or a default that does not exist
 */
export async function loadPersonas(sources: PersonaSources): Promise<ReadonlyMap<string, Persona>> {
  const personas = new Map(sources.shipped.map((persona) => [persona.name, persona]));
  for (const persona of sources.folder === null ? [] : await readFolder(sources.folder)) {
    personas.set(persona.name, persona);
  }
  for (const [name, system] of sources.extra) personas.set(name, { name, description: name, system });
  if (!personas.has(sources.default)) {
    const known = [...personas.keys()].join(', ');
    throw new ExpectedFailure(
      'setup',
      `personas.default is "${sources.default}": should be one of ${known}.`,
    );
  }
  return personas;
}

async function readFolder(folder: string): Promise<Persona[]> {
  let files: string[];
  try {
    files = (await readdir(folder)).filter((file) => /\.ya?ml$/.test(file)).sort();
  } catch (error) {
    throw new ExpectedFailure('setup', `personas.folder ${folder} cannot be read.`, { cause: error });
  }
  return Promise.all(files.map((file) => readPersona(path.join(folder, file))));
}

async function readPersona(file: string): Promise<Persona> {
  const name = path.basename(file).replace(/\.ya?ml$/, '');
  const { value, problems } = readYaml(await readFile(file, 'utf8'), file);
  const [problem] = problems;
  if (problem !== undefined)
    throw new ExpectedFailure('setup', `${problem.where} ${problem.wrong}: ${problem.right}.`);
  const parsed = PERSONA_FILE.safeParse(value);
  if (!parsed.success) throw new ExpectedFailure('setup', `${file}: ${z.prettifyError(parsed.error)}`);
  const { description = name, system, notice } = parsed.data;
  return { name, description, system, ...(notice ? { notice } : {}) };
}
