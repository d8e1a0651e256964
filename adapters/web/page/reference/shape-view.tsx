import { Description } from './description.js';
import { SAID } from './sentences.js';
import type { Field, Shape } from './shape.js';

/** What a field is, and the fields in it. */
export function ShapeView({ shape }: { readonly shape: Shape }) {
  return (
    <>
      <Description text={shape.description} />
      {shape.facts.length > 0 && <p class="fact-line">{shape.facts.join(' · ')}</p>}
      {shape.values.length > 0 && (
        <p class="fact-line">
          {SAID.oneOf}{' '}
          {shape.values.map((value) => (
            <code key={value}>{value}</code>
          ))}
        </p>
      )}
      {shape.fields.length > 0 && <Fields fields={shape.fields} />}
    </>
  );
}

function Fields({ fields }: { readonly fields: readonly Field[] }) {
  return (
    <ul class="fields">
      {fields.map(({ name, required, shape }, place) => (
        // Alternatives may share a name, and their order is fixed.
        <li key={place}>
          <p class="field-line">
            <code class="field">{name}</code>
            <TypeName shape={shape} required={required} />
          </p>
          <ShapeView shape={shape} />
        </li>
      ))}
    </ul>
  );
}

export function TypeName({ shape, required }: { readonly shape: Shape; readonly required: boolean }) {
  return (
    <>
      <span class="type">
        {shape.name === null ? shape.type : <a href={`#object-${shape.name}`}>{shape.type}</a>}
      </span>
      {required && <span class="required">{SAID.required}</span>}
    </>
  );
}
