/**
 * Test support: a disk that is full for what a test chooses.
 *
 * @module
 */

/** Until it is disposed of, files refuse what contains `text`, as if the disk were full; so often, or once. */
export function fullFor(text: string, times = 1): Disposable & { refusals: number } {
  const { writeSync } = Deno.FsFile.prototype;
  const disk = {
    refusals: 0,
    [Symbol.dispose]: () => {
      Deno.FsFile.prototype.writeSync = writeSync;
    },
  };
  Deno.FsFile.prototype.writeSync = function (bytes) {
    if (disk.refusals < times && new TextDecoder().decode(bytes).includes(text)) {
      disk.refusals += 1;
      throw new Error("No space left on device (os error 28)");
    }
    return writeSync.call(this, bytes);
  };
  return disk;
}
