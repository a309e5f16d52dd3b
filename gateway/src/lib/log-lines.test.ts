import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileLines, streamLines } from './log-lines.ts';

it('rolls a file over while it is written, and keeps the newest', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bine-log-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'gateway.log');
  const lines = fileLines(file, { mostBytes: 100, kept: 2 });
  for (let i = 0; i < 100; i++) lines.write(`line ${i} of one hundred\n`);
  assert.deepEqual(readdirSync(folder).sort(), ['gateway.1.log', 'gateway.2.log', 'gateway.log']);
  const newest = readFileSync(file, 'utf8') || readFileSync(join(folder, 'gateway.1.log'), 'utf8');
  assert.match(newest, /line 99 /);
  const text = ['gateway.2.log', 'gateway.1.log', 'gateway.log'].map((name) => readFileSync(join(folder, name), 'utf8')).join('');
  const numbers = [...text.matchAll(/line (\d+)/g)].map(([, number]) => Number(number));
  assert.deepEqual(
    numbers,
    numbers.map((_, i) => numbers[0]! + i),
  );
});

it('goes on when a line cannot be written', (t) => {
  const full = openSync('/dev/full', 'w');
  t.after(() => closeSync(full));
  const lines = streamLines(full);
  for (let i = 0; i < 3; i++) lines.write('lost\n');
});

it('says how many lines are missing once there is room', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bine-log-'));
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const both = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
  t.after(() => {
    closeSync(both);
    rmSync(folder, { recursive: true });
  });
  const lines = streamLines(both);
  const line = `${'x'.repeat(4095)}\n`;
  // The pipe takes 16 of them.
  for (let i = 0; i < 18; i++) lines.write(line);
  const read = Buffer.alloc(2 ** 20);
  assert.equal(readSync(both, read), 16 * line.length);
  lines.write('after\n');
  const said = read.toString('utf8', 0, readSync(both, read)).trim().split('\n');
  assert.match(said[0]!, /2 log lines are missing/);
  assert.equal(said[1], 'after');
});
