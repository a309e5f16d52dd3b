/** The table that the runner of jobs is held to as well: `images/supervisor/tests/test_notebook_files.py`. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { foreignLanguage } from '@bine/client/notebooks/language';
import type { Problem } from '@bine/shared/problems';
import vectors from '../../../test/vectors/notebook-files.json' with { type: 'json' };
import { readNotebookJson } from './notebook-json.ts';

type NotJson = { name: string; text?: string; base64?: string; reason?: string; begins?: string };

describe('a file that is no JSON', () => {
  for (const { name, text, base64, reason, begins } of vectors.notJson as NotJson[]) {
    it(`is said to be what it is: ${name}`, () => {
      const said = text ?? Buffer.from(base64!, 'base64').toString('utf8');
      assert.throws(
        () => readNotebookJson(said, 'a.ipynb'),
        ({ message }: Problem) => message.startsWith(`a.ipynb is not a notebook: ${reason === undefined ? begins : `${reason}.`}`),
      );
    });
  }
});

describe('a notebook that names a kernel and no language', () => {
  for (const { name, language } of vectors.kernels) {
    it(`is one for ${language ?? 'Python'}: ${JSON.stringify(name)}`, () => {
      const foreign = foreignLanguage({ kernelspec: { name } }, 'a.ipynb');
      assert.equal(foreign === null ? null : /^it is written in (.*), and environments run Python/.exec(foreign)?.[1], language);
    });
  }
});
