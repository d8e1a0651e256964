import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { CommandDefinition, CommandOption, CommandValues } from '../../../src/domain/commands.js';
import { cutText } from '../../../src/domain/text/cut-text.js';
import { checkValues, type Misfit, type ValueProblem } from '../../../src/pipeline/commands/check-values.js';
import type { HistoryReader } from '../../../src/ports/memory/history-reader.js';
import type { Inbox } from '../../../src/ports/turns/inbox.js';
import { principalOf } from '../access/principal.js';
import { addRoute, BODY_ERRORS, body, json, problem, RETRY_AFTER } from '../http/add-route.js';
import { type FieldIssue, ProblemError } from '../http/problem.js';
import { invalid, readJson } from '../http/read-request.js';
import { BODY_LIMIT, CommandCall } from '../http/request-schemas.js';
import { Answer, Commands, Notice } from '../http/response-schemas.js';
import type { AnswerDependencies } from './answer-request.js';
import { ANSWER_RESPONSES, answerAccepted, IdempotencyKey, readIdempotencyKey } from './question-routes.js';
import { askedWith, messageKey, newConversationId, webAddress, webAuthor, webTarget } from './web-address.js';

export interface CommandDependencies extends AnswerDependencies {
  readonly inbox: Pick<Inbox, 'command'>;
  readonly history: Pick<HistoryReader, 'target'>;
  readonly commands: readonly CommandDefinition[];
}

/** Commands: what there are, and the running of one. */
export function addCommandRoutes(app: OpenAPIHono, dependencies: CommandDependencies): void {
  const { inbox, commands } = dependencies;

  addRoute(
    app,
    {
      method: 'get',
      path: '/api/commands',
      operationId: 'listCommands',
      summary: 'The commands, the same as on every platform',
      responses: { 200: json('The commands and their options.', Commands) },
    },
    (c) => c.json({ commands }),
  );

  addRoute(
    app,
    {
      method: 'post',
      path: '/api/commands/{name}',
      operationId: 'runCommand',
      summary: 'Run a command; `ask` answers as POST /api/question does',
      request: {
        params: z.object({ name: z.string() }),
        headers: z.object({ 'Idempotency-Key': IdempotencyKey }),
        ...body(CommandCall),
      },
      responses: {
        ...ANSWER_RESPONSES,
        200: {
          description: 'What the command has to say, or the answer to `ask`.',
          content: {
            ...ANSWER_RESPONSES[200].content,
            'application/json': { schema: z.union([Notice, Answer]) },
          },
        },
        404: problem('There is no such command.'),
        ...BODY_ERRORS,
        422: problem('The Idempotency-Key was used for another question.'),
        429: problem('The user has asked too much; `code` says which limit.', RETRY_AFTER),
      },
    },
    async (c) => {
      const request = c.req.raw;
      const principal = principalOf(c);
      const definition = commands.find((command) => command.name === c.req.param('name'));
      if (!definition) {
        const message = `There is no such command; there are ${commands.map(({ name }) => name).join(', ')}.`;
        throw new ProblemError({ status: 404, code: 'not-found', message });
      }
      const idempotencyKey = readIdempotencyKey(request.headers);
      const given = await readJson(request, CommandCall, BODY_LIMIT);
      const values = given.values ?? {};
      const issues = commandIssues(definition, values);
      if (issues.length > 0) throw new ProblemError(invalid(issues));
      const conversationId = given.conversation_id ?? newConversationId();
      const target = webTarget(principal, conversationId, idempotencyKey === null ? null : given);
      const reply = await inbox.command({
        name: definition.name,
        values,
        address: webAddress(principal, conversationId),
        author: webAuthor(principal, given.user_id),
        // Whoever knows a conversation's id may change it; other places are out of reach.
        mayManage: true,
        message: {
          key: messageKey(principal, given.user_id, idempotencyKey),
          target,
          ...askedWith(principal),
        },
      });
      if (reply.type === 'turn') return answerAccepted(dependencies, reply.acceptance, target, request);
      return c.json({ notice: reply.text, conversation_id: conversationId });
    },
  );
}

/** What is wrong with the values given for a command; empty where all is right. */
function commandIssues(definition: CommandDefinition, values: CommandValues): FieldIssue[] {
  return checkValues(definition, values).map((problem) => {
    const name = problem.type === 'misfit' ? problem.option.name : cutText(problem.name, 64);
    return { field: `values.${name}`, message: messageOf(problem, definition) };
  });
}

function messageOf(problem: ValueProblem, definition: CommandDefinition): string {
  if (problem.type === 'unknown') return `is not an option of ${definition.name}`;
  return problem.type === 'missing' ? 'is missing' : MISFITS[problem.why](problem.option);
}

const MISFITS: Readonly<Record<Misfit, (option: CommandOption) => string>> = {
  'no-text': () => 'must be text',
  'no-choice': ({ choices = [] }) => `must be one of ${choices.join(', ')}`,
  'no-yes-no': () => 'must be true or false',
  'no-number': () => 'must be a number',
  'not-whole': () => 'must be a whole number',
  'too-small': ({ min }) => `must be at least ${min}`,
  'too-large': ({ max }) => `must be at most ${max}`,
};
