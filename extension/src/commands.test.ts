import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import manifest from '../package.json' with { type: 'json' };
import { type CommandEntry, commands } from './commands.ts';

const table = Object.entries<CommandEntry>(commands);

describe('the manifest', () => {
  it('has exactly the commands of the table', () => {
    const expected = table.map(([command, { title, short, icon }]) => ({
      command,
      category: 'Bine',
      title,
      ...(short && { shortTitle: short }),
      ...(icon && { icon: `$(${icon})` }),
    }));
    assert.deepEqual(manifest.contributes.commands, expected);
  });

  it('shows in the palette what can work there', () => {
    const expected = table
      .filter(([, { palette }]) => palette !== undefined)
      .map(([command, { palette }]) => ({ command, when: palette === false ? 'false' : palette }));
    assert.deepEqual(manifest.contributes.menus.commandPalette, expected);
  });

  it('names no other command in menus, keys, welcome views and the walkthrough', () => {
    const text = JSON.stringify(manifest.contributes);
    const named = [...text.matchAll(/(?:command:|"command":")(bine\.[A-Za-z]+)(\.focus)?/g)]
      .filter(([, , focus]) => !focus)
      .map(([, id]) => id!);
    const unknown = new Set(named.filter((id) => !(id in commands)));
    assert.deepEqual([...unknown], []);
  });

  it('has an icon for each command that stands in a title or beside an item', () => {
    const { menus } = manifest.contributes;
    const shown = [...menus['view/title'], ...menus['view/item/context']].filter(({ group }) => /^(navigation|inline)/.test(group));
    const bare = shown.filter(({ command }) => !(commands as Record<string, CommandEntry>)[command]?.icon);
    assert.deepEqual(bare, []);
  });

  it('keeps at most three actions in the title of a view', () => {
    for (const view of ['bine.projects', 'bine.environments', 'bine.jobs', 'bine.kernels']) {
      const title = manifest.contributes.menus['view/title'];
      assert.ok(title.filter(({ when, group }) => when.includes(`view == ${view}`) && group.startsWith('navigation')).length <= 3);
    }
  });
});
