/** A factory of databases with something of ours around it: `watch(db)` is called with each database that was opened. */
export class Wrapped {
  constructor(factory) {
    this.factory = factory;
  }

  open(...asked) {
    const request = this.factory.open(...asked);
    request.addEventListener('success', () => this.watch(request.result));
    return request;
  }

  deleteDatabase(name) {
    return this.factory.deleteDatabase(name);
  }

  databases() {
    return this.factory.databases();
  }
}
