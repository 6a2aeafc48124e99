/** Room kept free for the moment that this device is full. */

const NAME = 'reserve', BLOCK = 65536, BLOCKS = 8;

/** A file of so many bytes that nobody reads, given up when there is no other room. */
export const reserve = {
  bytes: BLOCK * BLOCKS,

  /** Whether it is there now: false when there is no room for it, null where the browser keeps no files for us. */
  async make() {
    try {
      const folder = await navigator.storage.getDirectory();
      const file = await folder.getFileHandle(NAME, {create: true});
      if ((await file.getFile()).size >= reserve.bytes) return true;
      const out = await file.createWritable();
      // Not zeros: a disk that packs what is written would keep nothing free.
      await out.write(new Blob(Array(BLOCKS).fill(crypto.getRandomValues(new Uint8Array(BLOCK)))));
      await out.close();
      return true;
    } catch (error) {
      return error.name === 'QuotaExceededError' ? false : null;
    }
  },

  /** Gives it up: whether there was any. */
  async drop() {
    try {
      const folder = await navigator.storage.getDirectory();
      const {size} = await (await folder.getFileHandle(NAME)).getFile();
      await folder.removeEntry(NAME);
      return size > 0;
    } catch {
      return false;
    }
  },
};
