import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostInUrl, isEveryAddress, isLoopback, networkOf } from '../../../src/domain/networks.js';

describe('loopback', () => {
  test.each([
    'localhost',
    'LOCALHOST',
    '127.0.0.1',
    '127.8.9.10',
    '127.255.255.255',
    '::1',
    '[::1]',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
    '[::ffff:7f00:1]',
    '::1%lo',
  ])('is %s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  test.each([
    '',
    'sub.localhost',
    'localhost.',
    'notlocalhost',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '127.0.0.1.',
    '127.1',
    '0177.0.0.1',
    '2130706433',
    '127.0.0.256',
    '[127.0.0.1]',
    '128.0.0.1',
    '0.0.0.0',
    '::',
    '::2',
    '::127.0.0.1',
    '::ffff:128.0.0.1',
    '[::1',
    '::1]',
  ])('is not %s', (host) => {
    expect(isLoopback(host)).toBe(false);
  });

  test('is what a URL with it would reach, however that was written', () => {
    const hosts = ['127.1', '0x7f.1', '2130706433', 'LocalHost', '[0::1]', '[::ffff:127.9.9.9]'];
    for (const host of hosts) expect(isLoopback(new URL(`http://${host}/`).hostname), host).toBe(true);
  });

  test('of IPv4 is what begins with 127', () => {
    fc.assert(fc.property(fc.ipV4(), (address) => isLoopback(address) === address.startsWith('127.')));
    fc.assert(fc.property(fc.ipV4(), (address) => isLoopback(`127.${address.replace(/^\d+\./, '')}`)));
  });
});

test.each([
  ['0.0.0.0', true],
  ['::', true],
  ['[::]', true],
  ['0:0:0:0:0:0:0:0', true],
  ['0.0.0.1', false],
  ['::1', false],
  ['127.0.0.1', false],
  ['localhost', false],
])('%s is every address: %s', (host, expected) => {
  expect(isEveryAddress(host)).toBe(expected);
});

describe('the network of a caller', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::ffff:c000:207', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:0DB8:0001::6', '2001:db8:1:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
    ['', ''],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  test('is one for all addresses of a /64, and another for each other', () => {
    const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 4, maxLength: 4 });
    const written = (parts: readonly number[]) => parts.map((part) => part.toString(16)).join(':');
    fc.assert(
      fc.property(groups, groups, groups, (network, host, other) => {
        // What begins with 80 zeros may be a mapped address of IPv4.
        fc.pre(network.some((part) => part !== 0));
        const own = networkOf(`${written(network)}:${written(host)}`);
        expect(own).toBe(written(network));
        expect(networkOf(`${written(network)}:${written(other)}`)).toBe(own);
      }),
    );
  });
});

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['chat.example.org', 'chat.example.org'],
  ['::1', '[::1]'],
  ['[::1]', '[::1]'],
])('%s stands in a URL as %s', (host, expected) => {
  expect(hostInUrl(host)).toBe(expected);
});
