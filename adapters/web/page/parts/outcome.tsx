/** What came of what a person did, said aloud when it changes. Keep it in place while it is empty. */
export function Outcome({ done = '', problem = '' }: { readonly done?: string; readonly problem?: string }) {
  return (
    <div class="outcome">
      <p role="status">{done}</p>
      <p class="problem" role="alert">
        {problem}
      </p>
    </div>
  );
}
