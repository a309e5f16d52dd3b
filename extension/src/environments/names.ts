/** What environments are called. */
import { environmentName } from '@bine/shared/names';

/** `python-training` → `training`, then `training-2`; a clone's own clone goes on counting. */
export function cloneName(from: string, taken: ReadonlySet<string>): string {
  const base = from.replace(/^python-/, '').replace(/-\d+$/, '');
  if (!taken.has(base)) return base;
  for (let number = 2; ; number++) if (!taken.has(`${base}-${number}`)) return `${base}-${number}`;
}

export function nameProblem(name: string, taken: ReadonlySet<string>): string | undefined {
  if (!environmentName.pattern.test(name)) return `Please ${environmentName.hint}.`;
  return taken.has(name) ? `"${name}" is there already; choose another name.` : undefined;
}
