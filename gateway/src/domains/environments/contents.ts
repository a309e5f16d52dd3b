/** What is in images. It never changes, so each is looked into once. */
import type { Package } from '@bine/shared';
import type { Builders } from '../../ports/builders.ts';
import type { EnvironmentRows } from '../../ports/state/environments.ts';
import type { ImagePackage } from '../../ports/packages.ts';

export type Contents = {
  of(image: string, signal: AbortSignal): Promise<ImagePackage[]>;
  /** null: nobody looked into it yet. */
  known(image: string): Promise<ImagePackage[] | null>;
};

export type ContentsParts = { rows: Pick<EnvironmentRows, 'packages' | 'savePackages'>; builders: Pick<Builders, 'use'> };

const deadline = 5 * 60_000;

export function createContents({ rows, builders }: ContentsParts): Contents {
  const looking = new Map<string, Promise<ImagePackage[]>>();

  async function look(image: string): Promise<ImagePackage[]> {
    const signal = AbortSignal.timeout(deadline);
    const packages = await builders.use({ image, project: null }, signal, (builder) => builder.inventory(signal));
    await rows.savePackages(image, packages);
    return packages;
  }

  return {
    known: rows.packages,
    async of(image, signal) {
      const known = await rows.packages(image);
      if (known) return known;
      let look_ = looking.get(image);
      if (!look_) {
        look_ = look(image).finally(() => looking.delete(image));
        looking.set(image, look_);
      }
      const found = await look_;
      signal.throwIfAborted();
      return found;
    },
  };
}

/** @param first what the environment began with; null: it is a bundled one */
export function toPackages(packages: ImagePackage[], direct: string[], first: ImagePackage[] | null): Package[] {
  const began = new Map((first ?? packages).map(({ name, version }) => [name, version]));
  return packages.map(({ name, version, source, from }) => ({
    name,
    version,
    source: source === 'index' && began.get(name) === version ? 'bundled' : source,
    from,
    direct: direct.includes(name),
  }));
}

/** Of a requirement, as package indexes compare them. null: it is only a URL, or a file. */
export function packageName(requirement: string): string | null {
  if (/\.(whl|tar\.gz|zip)$/.test(requirement)) return null;
  const name = /^([a-z0-9][\w.-]*)(?![\w.+-]*:)/i.exec(requirement)?.[1];
  return name === undefined ? null : name.replaceAll(/[-_.]+/g, '-').toLowerCase();
}
