/** Closes every one, also when one fails; what failed first is thrown when all had their turn. */
export function closeAll(things: Iterable<{ close(): void }>): void {
  const failures: unknown[] = [];
  for (const thing of things) {
    try {
      thing.close();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
