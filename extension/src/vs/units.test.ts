import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytes, duration, elapsed } from './units.ts';

describe('a size', () => {
  const cases: [number, string][] = [
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1000 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1024 ** 2 - 1, '1 MiB'],
    [1536, '1.5 KiB'],
    [300 * 2 ** 20, '300 MiB'],
    [1023 * 2 ** 20, '1 GiB'],
    [2.5 * 2 ** 30, '2.5 GiB'],
  ];
  for (const [count, text] of cases) it(`of ${count} bytes is ${text}`, () => assert.equal(bytes(count), text));
});

describe('a time', () => {
  const cases: [seconds: number, text: string][] = [
    [-5, '0s'],
    [59, '59s'],
    [60, '1m'],
    [3599, '59m'],
    [3600, '1h'],
    [90_000, '25h'],
    [5 * 86_400, '5d'],
  ];
  for (const [seconds, text] of cases) it(`of ${seconds} seconds is ${text}`, () => assert.equal(duration(seconds * 1000), text));
});

describe('what something took', () => {
  const cases: [number, string][] = [
    [-5, '0s'],
    [0.04, '0s'],
    [0.3, '0.3s'],
    [9.94, '9.9s'],
    [9.96, '10s'],
    [59.4, '59s'],
    [59.6, '1m'],
    [90, '1m 30s'],
    [3599, '59m 59s'],
    [3600, '1h'],
    [11_100, '3h 5m'],
    [432_000, '5d'],
  ];
  for (const [seconds, text] of cases) it(`${seconds} seconds is ${text}`, () => assert.equal(elapsed(seconds * 1000), text));
});
