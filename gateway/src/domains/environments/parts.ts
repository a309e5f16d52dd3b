/** What the actions on environments share. */
import type { EnvironmentUser } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { BuildLogs } from '../../ports/build-logs.ts';
import type { Builders } from '../../ports/builders.ts';
import type { ProjectImages, Recipe } from '../../ports/images.ts';
import type { PackageIndex } from '../../ports/packages.ts';
import type { EnvironmentRecord, EnvironmentRows } from '../../ports/state/environments.ts';
import type { Events } from '../events/events.ts';
import type { Files } from '../files/files.ts';
import type { Secrets } from '../secrets/secrets.ts';
import type { Bundled, BundledParts } from './bundled.ts';
import type { Contents } from './contents.ts';

export type EnvironmentsParts = BundledParts & {
  rows: EnvironmentRows;
  builders: Builders;
  projectImages: ProjectImages;
  index: PackageIndex;
  projects: {
    /** @throws Problem `not-found` */
    folder(name: string): Promise<{ id: string }>;
    /** null: it is in the bin, or gone. */
    byId(id: string): Promise<{ name: string } | null>;
  };
  files: Pick<Files, 'read'>;
  logs: BuildLogs;
  secrets: Pick<Secrets, 'check' | 'give' | 'takeBack'>;
  events: Pick<Events, 'publish'>;
  onError: (error: unknown) => void;
};

/** How an environment is named in a request. */
export type Named = { project: string; environment: string };

/** An environment of a project, with the project's name. */
export type Clone = EnvironmentRecord & { project: string };

export type Parts = EnvironmentsParts & { bundled: Bundled; contents: Contents; hooks: Hooks; find: Find };

export type Find = {
  /** @throws Problem `not-found` */
  any(named: Named): Promise<{ recipe: Recipe } | { clone: Clone }>;
  /** @throws Problem `conflict` for a bundled one, which cannot be changed */
  clone(named: Named): Promise<Clone>;
};

export function createFind({ projects, rows }: EnvironmentsParts, bundled: Bundled): Find {
  async function any({ project, environment }: Named) {
    const { id } = await projects.folder(project);
    const record = await rows.byName(id, environment);
    if (record) return { clone: { ...record, project } };
    const recipe = bundled.recipe(environment);
    if (recipe) return { recipe };
    const own = (await rows.ofProject(id)).map(({ name }) => name);
    throw new Problem('not-found', `There is no environment "${environment}". There are: ${[...own, ...bundled.names].join(', ')}.`);
  }
  return {
    any,
    async clone(named) {
      const found = await any(named);
      if ('clone' in found) return found.clone;
      throw new Problem('conflict', `"${named.environment}" comes with Bine and stays as it is. Clone it and change the clone.`);
    },
  };
}

export function imageGone(name: string): string {
  return `The image of "${name}" was removed from the container engine. Roll back to a revision that is there, or delete the environment.`;
}

/** What other domains are told, and asked. */
export type Hooks = {
  /** Who uses the environment now. */
  users: ((projectId: string, environment: string) => Promise<EnvironmentUser[]>)[];
  renamed: ((projectId: string, from: string, to: string) => Promise<void>)[];
  revised: ((revised: Revised) => Promise<void>)[];
  /** @throws Problem if the kernel cannot go on there */
  joined: ((joining: Joining) => Promise<void>)[];
};

/** A kernel that runs in an environment goes on in its clone, whose first revision is made of this image. */
export type Joining = { projectId: string; environment: string; clone: string; kernel: string; image: string };

/** There is a new revision: what runs in the environment may follow. */
export type Revised = {
  projectId: string;
  environment: string;
  revision: number;
  /** From whatever there is of the packages of earlier revisions to those of this one. null: nothing differs, or it is not known what. */
  transition(from: readonly number[]): Promise<Transition | null>;
};

/** Names of packages whose files go, and a tar archive of those that come, if any do. */
export type Transition = { gone: string[]; come: (() => Promise<AsyncIterable<Uint8Array>>) | null };
