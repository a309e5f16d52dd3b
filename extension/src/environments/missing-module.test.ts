import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { missingDistribution } from './missing-module.ts';

describe('a failed import', () => {
  const cases: [error: string, value: string, distribution: string | null][] = [
    ['ModuleNotFoundError', "No module named 'seaborn'", 'seaborn'],
    ['ModuleNotFoundError', "No module named 'sklearn'", 'scikit-learn'],
    ['ModuleNotFoundError', "No module named 'cv2'", 'opencv-python-headless'],
    ['ModuleNotFoundError', "No module named 'PIL'", 'pillow'],
    ['ModuleNotFoundError', "No module named 'yaml'", 'PyYAML'],
    ['ModuleNotFoundError', "No module named 'bs4'", 'beautifulsoup4'],
    ['ModuleNotFoundError', "No module named 'google.cloud.bigquery'", 'google-cloud-bigquery'],
    ['ModuleNotFoundError', "No module named 'google.protobuf.text_format'", 'protobuf'],
    ['ImportError', "Missing optional dependency 'openpyxl'.  Use pip or conda to install openpyxl.", 'openpyxl'],
    ['ModuleNotFoundError', "No module named 'sklearn.no_such_part'", null],
    ['ModuleNotFoundError', "No module named 'json.x'; 'json' is not a package", null],
    ['ModuleNotFoundError', "No module named '_tkinter'", null],
    ['ModuleNotFoundError', "No module named 'tkinter'", null],
    ['ImportError', "cannot import name 'x' from 'json' (/usr/lib/python3/json/__init__.py)", null],
    ['ValueError', "No module named 'seaborn'", null],
    ['ModuleNotFoundError', "No module named 'a; rm -rf /'", null],
  ];
  for (const [name, value, distribution] of cases) {
    it(`that says "${name}: ${value}" is mended by ${distribution ?? 'no package'}`, () => {
      assert.equal(missingDistribution({ name, value }), distribution);
    });
  }
});
