import { useComputed, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { callApi, sentenceOf } from '../api/call-api.js';
import { Description } from './description.js';
import {
  groupOperations,
  isOpenApiDocument,
  namesWithin,
  type OpenApiDocument,
  searchOperations,
} from './openapi-document.js';
import { OperationView } from './operation-view.js';
import { ReferenceContents } from './reference-contents.js';
import { SAID } from './sentences.js';
import { shapeOf } from './shape.js';
import { ShapeView } from './shape-view.js';
import './reference.css';

const DOCUMENT = '/api/openapi.json';

/** All calls of the HTTP API, as its OpenAPI document has them. */
export function ReferencePage() {
  const document = useSignal<OpenApiDocument | null>(null);
  const problem = useSignal('');
  const search = useSignal('');
  const groups = useComputed(() => (document.value ? groupOperations(document.value) : []));
  const found = useComputed(() => searchOperations(groups.value, search.value));

  useEffect(() => {
    const left = new AbortController();
    callApi('GET /api/openapi.json', { signal: left.signal }).then(
      (described) => {
        if (isOpenApiDocument(described)) document.value = described;
      },
      (error) => {
        if (!left.signal.aborted) problem.value = sentenceOf(error);
      },
    );
    return () => left.abort();
  }, [document, problem]);
  // What an address points to is there only now.
  useEffect(() => {
    if (document.value && location.hash) byId(location.hash.slice(1))?.scrollIntoView();
  }, [document.value]);

  if (problem.value) {
    return (
      <div class="notice">
        <h1>{SAID.title}</h1>
        <p class="problem" role="alert">
          {problem.value}
        </p>
      </div>
    );
  }
  if (!document.value) return <p class="notice quiet">{SAID.loading}</p>;
  const schemas = document.value.components?.schemas ?? {};
  const needed = namesWithin(found.value, schemas);
  const objects = Object.keys(schemas).filter((name) => search.value.trim() === '' || needed.has(name));
  return (
    <div class="reference">
      <ReferenceContents
        groups={found.value}
        search={search.value}
        onSearch={(text) => {
          search.value = text;
        }}
      />
      <div class="calls">
        <header>
          <h1>{SAID.title}</h1>
          <Description text={document.value.info.description ?? ''} />
          <p>
            <a href={DOCUMENT} target="_blank" rel="noreferrer">
              {SAID.document}
            </a>
          </p>
        </header>
        {found.value.map(({ id, title, operations }) => (
          <section key={id} aria-labelledby={id}>
            <h2 id={id}>{title}</h2>
            {operations.map((operation) => (
              <OperationView key={operation.operationId} operation={operation} schemas={schemas} />
            ))}
          </section>
        ))}
        {found.value.length === 0 && <p class="quiet">{SAID.none}</p>}
        <section aria-labelledby="objects">
          <h2 id="objects">{SAID.schemas}</h2>
          {objects.map((name) => (
            <article key={name} class="operation object" id={`object-${name}`}>
              <h3>
                {name}
                <a class="anchor" href={`#object-${name}`} aria-label={SAID.link(name)}>
                  #
                </a>
              </h3>
              <ShapeView shape={shapeOf({ $ref: `#/components/schemas/${name}` }, schemas)} />
            </article>
          ))}
        </section>
      </div>
    </div>
  );
}

function byId(id: string): HTMLElement | null {
  return window.document.getElementById(decodeURIComponent(id));
}
