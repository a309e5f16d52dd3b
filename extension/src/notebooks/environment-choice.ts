/** Which environment a notebook runs in when nobody has chosen one in this window. */
import type { Environment, Kernel } from '@bine/shared';

type Known = {
  environments: readonly Pick<Environment, 'name' | 'title'>[];
  /** The notebook's own metadata. */
  metadata: Record<string, unknown>;
  /** Kernels of the notebook, newest first. */
  kernels: readonly Pick<Kernel, 'environment' | 'state'>[];
  /** What a notebook of the project was last run in. */
  last: string | null;
};

/** null: nothing hints at one; the user is asked on the first run. */
export function chooseEnvironment({ environments, metadata, kernels, last }: Known): string | null {
  const named = (name: unknown) => environments.find((environment) => environment.name === name || environment.title === name)?.name;
  const { bine, kernelspec } = metadata as Record<'bine' | 'kernelspec', Record<string, unknown> | undefined>;
  const running = kernels.find(isLive);
  return (
    named(running?.environment) ??
    named(bine?.['environment']) ??
    named(kernels[0]?.environment) ??
    named(kernelspec?.['name']) ??
    named(kernelspec?.['display_name']) ??
    named(last) ??
    null
  );
}

/** Whether its variables are still there, or soon will be. */
export function isLive({ state }: Pick<Kernel, 'state'>): boolean {
  return state !== 'dead' && state !== 'stopped';
}
