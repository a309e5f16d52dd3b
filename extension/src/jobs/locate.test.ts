import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findMentions } from './locate.ts';

describe('a line of a log', () => {
  const cases: [text: string, found: [link: string, inside: string, path: string, line: number, column: number][]][] = [
    ['  File "/snapshot/pkg/train.py", line 12, in main', [['File "/snapshot/pkg/train.py", line 12', 'snapshot', 'pkg/train.py', 12, 1]]],
    ['  File "/project/my notes/a.py", line 3', [['File "/project/my notes/a.py", line 3', 'project', 'my notes/a.py', 3, 1]]],
    ['File /project/lib.py:7, in f(x)', [['/project/lib.py:7', 'project', 'lib.py', 7, 1]]],
    ['/snapshot/a.py:3:9: E999', [['/snapshot/a.py:3:9', 'snapshot', 'a.py', 3, 9]]],
    ['wrote /project/out/model.bin', [['/project/out/model.bin', 'project', 'out/model.bin', 1, 1]]],
    ['  File "/usr/lib/python3/json.py", line 3', []],
    ['nothing at all', []],
  ];
  for (const [text, found] of cases) {
    it(`"${text}" points to ${found.length ? found[0]![2] : 'nothing'}`, () => {
      const links = findMentions(text).map(({ start, length, inside, path, line, column }) => [
        text.slice(start, start + length),
        inside,
        path,
        line,
        column,
      ]);
      assert.deepEqual(links, found);
    });
  }
});
