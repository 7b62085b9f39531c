/** Which method stacks. */

import { METHODS } from "./words";

export function MethodField({ method, onMethod }: { method: string; onMethod: (method: string) => void }) {
  return (
    <label class="field">
      <span>Method</span>
      <select value={method} onChange={(event) => onMethod(event.currentTarget.value)}>
        {Object.entries(METHODS).map(([name, text]) => <option key={name} value={name}>{text}</option>)}
      </select>
    </label>
  );
}
