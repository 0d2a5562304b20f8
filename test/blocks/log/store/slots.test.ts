import { expect, test } from 'vitest';
import { Slots } from '../../../../src/blocks/log/store/slots.js';

test('as many pieces of work as there are slots go on at a time, in order, and a failure gives its slot back', async () => {
  const slots = new Slots(2);
  const begun: string[] = [];
  const endings: ((error?: Error) => void)[] = [];
  const work = (name: string) =>
    slots.run(
      (slot) =>
        new Promise<number>((resolve, reject) => {
          begun.push(name);
          endings.push((error) => (error === undefined ? resolve(slot) : reject(error)));
        }),
    );
  const [first, second, third, fourth] = [work('a'), work('b'), work('c'), work('d')];
  await Promise.resolve();
  expect(begun).toEqual(['a', 'b']);
  endings[0]?.(new Error('full'));
  await expect(first).rejects.toThrow('full');
  expect(begun).toEqual(['a', 'b', 'c']);
  endings[1]?.();
  const free = await second;
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
  endings[3]?.();
  expect(await fourth).toBe(free);
  endings[2]?.();
  expect(await third).not.toBe(free);
});
