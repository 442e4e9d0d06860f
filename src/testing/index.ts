/** What test infrastructure imports. */
export { type StartedRegistry, startRegistry } from './start-registry.js';
