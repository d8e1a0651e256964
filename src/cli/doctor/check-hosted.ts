import { z } from 'zod';
import type { HostedModelEntry } from '../../domain/models/model-entry.js';
import { askApi, readBody } from './ask-api.js';
import { type Check, type Finding, fail, ok, warn } from './finding.js';

const WHO = z.object({ name: z.string() });
const MODELS = z.object({ data: z.array(z.object({ id: z.string() })) });

/** The Hugging Face token. */
export function huggingFaceCheck({
  token,
  hubUrl,
}: {
  readonly token: string;
  readonly hubUrl: string;
}): Check {
  return {
    name: 'Hugging Face',
    async run(signal) {
      const answer = await askApi(`${hubUrl}/api/whoami-v2`, { authorization: `Bearer ${token}`, signal });
      if (answer.type === 'unreachable')
        return [
          warn(
            `${hubUrl} cannot be reached (${answer.reason})`,
            'Let this machine reach it to use hosted models.',
          ),
        ];
      if (answer.status === 401 || answer.status === 403)
        return [
          fail(
            'the token is refused',
            'Make one at https://huggingface.co/settings/tokens and set HF_TOKEN.',
          ),
        ];
      const who = readBody(answer, WHO);
      return who === null
        ? [warn(`${hubUrl} answers ${answer.status}`, 'See whether downloads.hubUrl is right.')]
        : [ok(`signed in as ${who.name}`)];
    },
  };
}

/** An endpoint with OpenAI's API: its key, and that it offers the models asked of it. */
export function openaiCheck(
  baseUrl: string,
  apiKey: string | null,
  entries: readonly Pick<HostedModelEntry, 'alias' | 'model'>[],
): Check {
  return {
    name: `OpenAI-compatible ${new URL(baseUrl).host}`,
    async run(signal) {
      const authorization = `Bearer ${apiKey ?? 'none'}`;
      const answer = await askApi(`${baseUrl}/models`, { authorization, signal });
      if (answer.type === 'unreachable')
        return [
          fail(`${baseUrl} cannot be reached (${answer.reason})`, 'Start that server, or mend its address.'),
        ];
      if (answer.status === 401 || answer.status === 403)
        return [fail('the key is refused', 'Set OPENAI_API_KEY, or the variable that apiKeyVariable names.')];
      const offered = readBody(answer, MODELS)?.data.map(({ id }) => id);
      if (answer.status !== 200 || offered === undefined)
        return [warn(`${baseUrl}/models answers ${answer.status}`, 'See whether the address ends in /v1.')];
      return [ok(`offers ${offered.length} models`), ...notOffered(entries, offered)];
    },
  };
}

function notOffered(
  entries: readonly Pick<HostedModelEntry, 'alias' | 'model'>[],
  offered: readonly string[],
): readonly Finding[] {
  return entries
    .filter(({ model }) => !offered.includes(model))
    .map(({ alias, model }) =>
      warn(
        `it does not list ${model}, which ${alias} asks for`,
        `Set name of ${alias} to one of: ${offered.slice(0, 5).join(', ')}.`,
      ),
    );
}
