/** How programs get secrets: found by name for who runs them, then put where only the program finds them. */
import type { SecretUse } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { Owner } from '../../ports/accounts.ts';
import type { SecretDelivery, SecretFiles, Vault } from '../../ports/secrets.ts';
import type { SecretRecord, SecretRows } from '../../ports/state/secrets.ts';
import type { FileGrant } from '../../ports/compute.ts';
import { sealOwner } from './seal-owner.ts';

/** Who runs what, and which secrets it is to get. */
export type Wanted = { projectId: string; user: string; secrets: readonly SecretUse[] };

/** Where programs find their secrets in their container. */
const secretsPath = '/run/secrets';

/** `folder` is null where nothing was asked for. `private`: some of them are the user's own. `values`: what a log must not show. */
export type Given = { folder: string | null; private: boolean; values: readonly Buffer[] };

export type Giving = ReturnType<typeof createGiving>;

export function createGiving({ rows, vault, delivery }: { rows: SecretRows; vault: Vault; delivery: SecretDelivery }) {
  async function find({ projectId, user }: Wanted, name: string): Promise<SecretRecord | null> {
    return (await rows.get({ projectId: null, user }, name)) ?? rows.get({ projectId, user: null }, name);
  }

  async function open(wanted: Wanted): Promise<{ record: SecretRecord; value: Buffer }[]> {
    refuseTwice(wanted.secrets);
    const names = [...new Set(wanted.secrets.map(({ name }) => name))];
    const records = await Promise.all(names.map(async (name) => ({ name, record: await find(wanted, name) })));
    const missing = records.flatMap(({ name, record }) => (record ? [] : [name]));
    if (missing.length > 0) throw missingSecrets(missing);
    return records.map(({ record }) => ({ record: record!, value: unseal(vault, record!) }));
  }

  return {
    /** @returns whether some of them are the user's own. @throws Problem that says which cannot be given, and what to do */
    async check(wanted: Wanted): Promise<{ private: boolean }> {
      const opened = await open(wanted);
      filesOf(wanted, opened);
      return { private: isPrivate(opened) };
    },

    /** Puts them, as they are now, into a folder for `id`. @throws as `check` */
    async give(id: string, wanted: Wanted, owner: Owner): Promise<Given> {
      if (wanted.secrets.length === 0) return { folder: null, private: false, values: [] };
      const opened = await open(wanted);
      const folder = await delivery.put(id, filesOf(wanted, opened), owner);
      return { folder, private: isPrivate(opened), values: opened.map(({ value }) => value) };
    },

    /** What had them is over. */
    takeBack: (id: string): Promise<void> => delivery.remove(id),
    /** At the gateway's start: what is over was not seen to end. */
    takeBackAllBut: (ids: ReadonlySet<string>): Promise<void> => delivery.keepOnly(ids),
  };
}

const isPrivate = (opened: readonly { record: SecretRecord }[]): boolean => opened.some(({ record }) => record.user !== null);

/** What a workload with secrets is given for them. */
export function secretGrants(folder: string | null): { files: (FileGrant & { readOnly: true })[]; environment: Record<string, string> } {
  if (folder === null) return { files: [], environment: {} };
  return { files: [{ source: folder, path: secretsPath, readOnly: true }], environment: { BINE_SECRETS_DIR: secretsPath } };
}

function unseal(vault: Vault, record: SecretRecord): Buffer {
  const value = vault.unseal(record.sealed, sealOwner(record, record.name));
  if (value !== null) return Buffer.from(value, 'base64');
  throw new Problem('conflict', `The secret "${record.name}" cannot be read any more: the gateway's key is another one. Set it again.`);
}

function filesOf({ secrets }: Wanted, opened: readonly { record: SecretRecord; value: Buffer }[]): SecretFiles {
  const values = new Map(opened.map(({ record, value }) => [record.name, value]));
  const environment: Record<string, string> = {};
  const paths: Record<string, string> = {};
  for (const { name, as, variable } of secrets) {
    if (as === 'environment') {
      if (values.get(name)!.includes(0)) throw unfit(name);
      environment[variable ?? name] = name;
    } else if (variable !== undefined) paths[variable] = name;
  }
  return { values, environment, paths };
}

function refuseTwice(secrets: readonly SecretUse[]): void {
  const seen = new Map<string, string>();
  for (const { name, as, variable = as === 'environment' ? name : undefined } of secrets) {
    if (variable === undefined) continue;
    const other = seen.get(variable);
    if (other !== undefined)
      throw refusal(`The environment variable ${variable} would have two values, of ${other} and of ${name}. Name another one.`);
    seen.set(variable, name);
  }
}

function missingSecrets(names: readonly string[]): Problem {
  const which = names.map((name) => `"${name}"`).join(', ');
  const those = names.length === 1 ? `There is no secret ${which}` : `There are no secrets ${which}`;
  return refusal(
    `${those}, neither in the project nor of the user who runs it. Set it with "bine secret set ${names[0]}", or in the project's menu.`,
  );
}

const unfit = (name: string): Problem =>
  refusal(`The secret "${name}" has bytes that no environment variable can hold. Ask for it as a file: ${name}:file.`);

const refusal = (problem: string): Problem => new Problem('invalid', problem, { fields: [{ field: 'secrets', problem }] });
