/** Which secrets a program gets: of the project and of the user, by name. Their values are never here. */
import type { Secret, SecretUse } from '@bine/shared';
import * as vscode from 'vscode';
import type { ContractClient } from '../connection/client.ts';
import { toProblem } from '../connection/problem.ts';

type SecretChoice = vscode.QuickPickItem & { use: SecretUse };

/** Both, each by name; none where the key or the role does not allow to see them. */
export async function secretsFor({ secrets }: ContractClient, project: string): Promise<Secret[]> {
  try {
    return [...(await secrets.list({ project })), ...(await secrets.listMine({}))];
  } catch (error) {
    const problem = toProblem(error);
    if (problem.code === 'missing-scope' || problem.code === 'missing-role') return [];
    throw problem;
  }
}

/** One for each name, as an environment variable; those chosen before are picked, with what was said of them. */
export function secretChoices(all: readonly Secret[], before: readonly SecretUse[]): SecretChoice[] {
  const known = Map.groupBy(all, ({ name }) => name);
  const names = [...new Set([...before.map(({ name }) => name), ...known.keys()])];
  return names.flatMap((name) => {
    const said = before.filter((use) => use.name === name);
    const uses = said.length > 0 ? said : [{ name, as: 'environment' as const }];
    return uses.map((use) => ({ label: name, description: describe(use, known.get(name) ?? []), picked: said.length > 0, use }));
  });
}

function describe({ name, as, variable }: SecretUse, owners: readonly Secret[]): string {
  const how = as === 'file' ? `file${variable ? `, its path in ${variable}` : ''}` : `environment variable ${variable ?? name}`;
  const whose = owners.some(({ owner }) => owner === 'user') ? 'yours' : owners.length > 0 ? 'of the project' : 'missing: set it first';
  return `${whose} · ${how}`;
}
