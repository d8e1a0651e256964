import { memo } from 'preact/compat';
import { MarkdownView } from '../markdown/markdown-view.js';
import { curlExample } from './curl-example.js';
import { CodedLine, Description } from './description.js';
import type { Answer, Content, Operation, Parameter, Schemas } from './openapi-document.js';
import { SAID } from './sentences.js';
import { shapeOf } from './shape.js';
import { ShapeView, TypeName } from './shape-view.js';

interface OperationViewProps {
  readonly operation: Operation;
  readonly schemas: Schemas;
}

/** One call: what it is for, what it takes, what it answers, and how to try it. */
export const OperationView = memo(function OperationView({ operation, schemas }: OperationViewProps) {
  const { operationId, summary = operationId, description, parameters = [], requestBody } = operation;
  const heading = `${operationId}-name`;
  return (
    <article class="operation" id={operationId} aria-labelledby={heading}>
      <h3 id={heading}>
        {summary}
        <a class="anchor" href={`#${operationId}`} aria-label={SAID.link(summary)}>
          #
        </a>
      </h3>
      <p class="address">
        <span class="method" data-method={operation.method}>
          {operation.method}
        </span>
        <code>{operation.path}</code>
      </p>
      <p class="quiet">{operation.security?.length ? SAID.key : SAID.open}</p>
      <Description text={description ?? ''} />
      {parameters.length > 0 && <Parameters parameters={parameters} schemas={schemas} />}
      {requestBody && (
        <section class="part">
          <h4>{SAID.body}</h4>
          <Contents content={requestBody.content} schemas={schemas} />
        </section>
      )}
      <Answers answers={operation.responses} schemas={schemas} said={description ?? ''} />
      <section class="part">
        <h4>{SAID.example}</h4>
        <MarkdownView text={fenced(curlExample(operation, schemas, location.origin))} complete />
      </section>
    </article>
  );
});

function fenced(command: string): string {
  return `\`\`\`bash\n${command}\n\`\`\``;
}

function Parameters(props: { readonly parameters: readonly Parameter[]; readonly schemas: Schemas }) {
  return (
    <section class="part">
      <h4>{SAID.parameters}</h4>
      <ul class="fields">
        {props.parameters.map(({ name, in: place, required = false, description, schema = {} }) => {
          const shape = shapeOf(schema, props.schemas);
          return (
            <li key={`${place} ${name}`}>
              <p class="field-line">
                <code class="field">{name}</code>
                <TypeName shape={shape} required={required} />
                <span class="quiet">in the {place}</span>
              </p>
              <ShapeView shape={{ ...shape, description: description ?? shape.description }} />
            </li>
          );
        })}
      </ul>
    </section>
  );
}

interface AnswersProps {
  readonly answers: Operation['responses'];
  readonly schemas: Schemas;
  /** What stands above already. */
  readonly said: string;
}

/** Errors all have the same form: it is told once, among the objects. */
function Answers({ answers, schemas, said }: AnswersProps) {
  const all = Object.entries(answers);
  const good = all.filter(([status]) => Number(status) < 400);
  const errors = all.filter(([status]) => !(Number(status) < 400));
  return (
    <section class="part">
      <h4>{SAID.answers}</h4>
      {good.map(([status, answer]) => (
        <div key={status} class="answer">
          <Status status={status} answer={answer} />
          {answer.content && <Contents content={answer.content} schemas={schemas} said={said} />}
        </div>
      ))}
      {errors.length > 0 && (
        <details class="errors">
          <summary>
            {SAID.errors}: {errors.map(([status]) => status).join(', ')}
          </summary>
          {errors.map(([status, answer]) => (
            <div key={status} class="answer">
              <Status status={status} answer={answer} />
              {Object.values(answer.content ?? {}).map(({ schema = {} }) => {
                const shape = shapeOf(schema, schemas);
                return (
                  <p key={shape.name} class="fact-line">
                    <TypeName shape={shape} required={false} />
                  </p>
                );
              })}
            </div>
          ))}
        </details>
      )}
    </section>
  );
}

function Status({ status, answer }: { readonly status: string; readonly answer: Answer }) {
  return (
    <>
      <p class="field-line">
        <code class="status">{status}</code>
        <span class="means">
          <CodedLine text={answer.description} />
        </span>
      </p>
      {Object.entries(answer.headers ?? {}).map(([name, { description }]) => (
        <p key={name} class="fact-line">
          <code class="field">{name}</code> {SAID.header}: <CodedLine text={description ?? ''} />
        </p>
      ))}
    </>
  );
}

interface ContentsProps {
  readonly content: Content;
  readonly schemas: Schemas;
  readonly said?: string;
}

function Contents({ content, schemas, said = '' }: ContentsProps) {
  return Object.entries(content).map(([type, { schema = {} }]) => {
    const shape = shapeOf(schema, schemas);
    return (
      <div key={type} class="content">
        <p class="fact-line">
          <code>{type}</code> <TypeName shape={shape} required={false} />
        </p>
        <ShapeView shape={shape.description === said ? { ...shape, description: '' } : shape} />
      </div>
    );
  });
}
