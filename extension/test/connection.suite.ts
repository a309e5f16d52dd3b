import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commands } from '../src/commands.ts';
import { bine } from './bine.ts';

describe('The connection', () => {
  it('is there without a question, because a gateway runs on this machine', async () => {
    const { connection } = await bine();
    assert.equal(connection.state, 'connected');
    assert.match(connection.address ?? '', /^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it("shows whose it is in VS Code's accounts", async () => {
    const { connection } = await bine();
    const { user } = await connection.client.access.me({});
    const [account] = await vscode.authentication.getAccounts('bine');
    assert.equal(account?.label, `${user.name} (${new URL(connection.address!).host})`);
  });

  it('lets calls wait while it comes back', async () => {
    const { connection } = await bine();
    const states: string[] = [];
    const subscription = connection.onDidChangeState((state) => states.push(state));
    connection.restart();
    const health = await connection.client.system.health({});
    subscription.dispose();
    assert.equal(health.status, 'ok');
    assert.deepEqual(states, ['connecting', 'connected']);
  });

  it('answers with problems that say what was wrong', async () => {
    const { connection } = await bine();
    await assert.rejects(connection.client.projects.get({ project: 'nowhere' }), {
      name: 'Problem',
      code: 'not-found',
      message: /"nowhere"/,
    });
    await assert.rejects(connection.fetch('/projects/nowhere/files/content?path=x'), { name: 'Problem', code: 'not-found' });
  });
});

describe('The commands', () => {
  it('are all there', async () => {
    const known = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      Object.keys(commands).filter((id) => !known.has(id)),
      [],
    );
  });
});
