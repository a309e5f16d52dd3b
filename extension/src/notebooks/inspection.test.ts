import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { activeParameter, openCall, parametersOf, readInspection } from './inspection.ts';

describe('what IPython says of an object', () => {
  it('is read without its colours, by its headings', () => {
    const said =
      '\u001b[31mSignature:\u001b[39m f(a, b=(1, 2)) -> int\n\u001b[31mDocstring:\u001b[39m\nAdds.\n\nType: of what is added\n\u001b[31mFile:\u001b[39m      /tmp/x.py\n\u001b[31mType:\u001b[39m      function';
    const { signature, documentation } = readInspection(said);
    assert.equal(signature, 'f(a, b=(1, 2)) -> int');
    assert.match(documentation, /^Adds\./);
  });

  it('of a value is its type and how it is printed', () => {
    const { signature, documentation, facts } = readInspection(
      'Type:        list\nString form: [1, 2]\nLength:      2\nDocstring:   <no docstring>',
    );
    assert.deepEqual([signature, documentation, facts], [null, '', 'Type: list\nString form: [1, 2]\nLength: 2']);
  });
});

describe('the parameters of a signature', () => {
  const cases: [signature: string, parameters: string[]][] = [
    ['f()', []],
    ['f(a, b=(1, 2), *, c: "x, y" = {}, **more) -> tuple[int, str]', ['a', 'b=(1, 2)', '*', 'c: "x, y" = {}', '**more']],
    ['pd.read_csv(\n    path: str,\n    *,\n    sep=",",\n)', ['path: str', '*', 'sep=","']],
  ];
  for (const [signature, parameters] of cases) {
    it(`${JSON.stringify(signature)} are ${parameters.join(' | ') || 'none'}`, () => {
      assert.deepEqual(
        parametersOf(signature).map(([from, to]) => signature.slice(from, to)),
        parameters,
      );
    });
  }
});

describe('the call that is typed', () => {
  const cases: [code: string, call: [name: string, before: number, named: string | null] | null][] = [
    ['f(', ['f', 0, null]],
    ['x = f(1, "a, b(", ', ['x = f', 2, null]],
    ['f(g(1, 2), [3, 4', ['f', 1, null]],
    ['f(1, sep=', ['f', 1, 'sep']],
    ['f(a == 1', ['f', 0, null]],
    ['f(1)', null],
    ['(1, ', null],
    ['# f(\n', null],
    ["s = 'f(\n", null],
    ['f("""(\n', ['f', 0, null]],
  ];
  for (const [code, expected] of cases) {
    it(`in ${JSON.stringify(code)} is ${expected?.join(', ') ?? 'none'}`, () => {
      const call = openCall(code);
      assert.deepEqual(call && [code.slice(0, call.at), call.before, call.name], expected);
    });
  }

  it('tells which parameter is meant, by place and by name', () => {
    const signature = 'f(a, *, sep=",")';
    const parameters = parametersOf(signature);
    assert.equal(activeParameter(signature, parameters, { at: 1, before: 0, name: null }), 0);
    assert.equal(activeParameter(signature, parameters, { at: 1, before: 1, name: 'sep' }), 2);
  });
});
